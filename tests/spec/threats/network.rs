//! What somebody on the network can answer: health checks and mail end, and tell what was wrong.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{PLAN, Vsn, eventually};

/// A server at 127.0.0.1:9000 that says `greeting` to each connection, and then `again` for ever.
const ENDLESS: &str = "
import socket, sys, threading
greeting, again = (text.encode().decode('unicode_escape').encode('latin-1') for text in sys.argv[1:3])
def talk(peer):
    try:
        peer.sendall(greeting)
        while again:
            peer.sendall(again)
        while peer.recv(4096):
            pass
    except OSError:
        pass
server = socket.create_server(('127.0.0.1', 9000))
while True:
    threading.Thread(target=talk, args=(server.accept()[0],), daemon=True).start()
";

fn asks_the_network(plan: &mut Value) {
    plan["services"]["web"]["healthcheck"] =
        json!({ "http": "http://127.0.0.1:9000/", "interval": "1s", "timeout": "1s", "retries": 1 });
}

/// Deploys where this server answers; the exit status and what was told.
fn deployed_beside(greeting: &str, again: &str, plan: &Value) -> (Option<i32>, String) {
    let vsn = Vsn::start();
    let _server = vsn.start_process(["/usr/bin/python3", "-c", ENDLESS, greeting, again]);
    eventually("the server listens", || vsn.listens("127.0.0.1", 9000));
    vsn.write_plan(plan);
    let limited = ["prlimit", "--as=2000000000", env!("CARGO_BIN_EXE_landfall"), "deploy", PLAN];
    let output = vsn.run(limited);
    assert_eq!(vsn.containers(), Vec::<String>::new(), "{output:?}");
    (output.status, output.stderr)
}

#[test]
fn an_answer_that_never_ends_makes_a_service_unhealthy_and_nothing_else() {
    let mut plan = small();
    asks_the_network(&mut plan);
    for (greeting, again) in [
        ("HTTP/1.1 200 OK\\r\\n\\r\\n", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        ("HTTP/1.1 200 OK\\r\\n", "X-Header: xxxxxxxxxxxxxxxxxxxxxx\\r\\n"),
        ("HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\n", ""),
        ("\\x1b[2J\\x00\\xff nonsense\\r\\n\\r\\n", ""),
        ("HTTP/1.1 302 Found\\r\\nLocation: file:///etc/shadow\\r\\nContent-Length: 0\\r\\n\\r\\n", ""),
    ] {
        let (status, told) = deployed_beside(greeting, again, &plan);
        assert_eq!(status, Some(4), "{greeting}: {told}");
        assert!(told.contains("http://127.0.0.1:9000/") && !told.contains('\u{1b}'), "{greeting}: {told}");
    }
}

#[test]
fn a_mail_server_that_talks_nonsense_costs_the_mail_and_nothing_else() {
    let mut plan = small();
    plan["services"]["web"]["healthcheck"] =
        json!({ "exec": ["false"], "interval": "1s", "timeout": "1s", "retries": 1 });
    plan["maintenance"] = json!({ "mail": {
        "to": ["ops@example.org"], "from": "vsn@example.org", "smtp": { "host": "127.0.0.1", "port": 9000 }
    } });
    for (greeting, again) in
        [("\\x1b[2J\\x00\\xff\\r\\n", "\\x1b]0;owned\\x07\\r\\n"), ("220 hello\\r\\n250 no TLS here\\r\\n", "")]
    {
        let (status, told) = deployed_beside(greeting, again, &plan);
        assert_eq!(status, Some(4), "{greeting}: {told}");
        assert!(told.contains("the mail about it could not be sent") && !told.contains('\u{1b}'), "{greeting}: {told}");
    }
}
