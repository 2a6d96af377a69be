//! How mail leaves the server.

use landfall::script;
use pretty_assertions::assert_eq;

use super::{CRON, Deployed};
use crate::support::Tls;

/// A `sendmail` that knows what the script needs: the recipients from the header, the sender from the command line.
const SENDMAIL: &str = r#"#!/usr/bin/python3
import email, email.utils, smtplib, sys
assert sys.argv[1:4] == ["-t", "-i", "-f"], sys.argv
message = sys.stdin.buffer.read()
to = [address for _, address in email.utils.getaddresses([email.message_from_bytes(message)["To"]])]
smtplib.SMTP("localhost", 25).sendmail(sys.argv[4], to, message)
"#;

#[test]
fn mail_goes_encrypted_with_the_account_or_by_sendmail() {
    let mail = |tls: &str| {
        format!(
            r#"{{ "mail": {{ "to": ["ops@example.org"], "from": "vsn@example.org", "smtp": {{
                "host": "localhost", "port": 25, "tls": "{tls}", "ca": "ca.pem", "username": "vsn", "password": {{ "secret": "smtp" }}
            }} }} }}"#
        )
    };
    let services = r#"{ "plain": { "image": "localhost/tiny:v1" } }"#;
    for (tls, sink) in [("required", Tls::Required), ("implicit", Tls::Implicit)] {
        let yard = Deployed::with(services, &mail(tls));
        let smtp = yard.plan.maintenance.mail.clone().unwrap().smtp.unwrap();
        let (certificate, _) = yard.vsn.certificate();
        yard.vsn.must(["cp", &certificate, script::mail_authority(&yard.layout).to_str().unwrap()]);
        let _sink = yard.vsn.mail_sink_with(sink, Some(("vsn", "pass \"word\" #1\\")));
        let job = yard.layout.job("mail").to_str().unwrap().to_owned();
        let send =
            || yard.vsn.run_with_input(CRON.into_iter().chain([job.as_str(), "a subject"]), "a body\n.\nits end\n");
        for (password, accepted) in [("wrong", false), ("pass \"word\" #1\\", true)] {
            let account = script::mail_account(&smtp, "vsn", password).unwrap();
            yard.vsn.write(yard.layout.mail_account().to_str().unwrap(), account, 0o600);
            assert_eq!(send().status == Some(0), accepted, "{tls}");
        }
        let mails: Vec<_> = yard.vsn.mails().into_iter().map(|mail| (mail.tls, mail.user)).collect();
        assert_eq!(mails, [(true, "vsn".to_owned())]);
        assert!(yard.vsn.mails()[0].text.ends_with("\n\na body\n.\nits end\n"), "{:?}", yard.vsn.mails());
    }

    let by_sendmail = r#"{ "mail": { "to": ["ops@example.org"], "from": "vsn@example.org" } }"#;
    let yard = Deployed::with(services, by_sendmail);
    let job = yard.layout.job("mail").to_str().unwrap().to_owned();
    let send = || yard.vsn.run_with_input(CRON.into_iter().chain([job.as_str(), "by sendmail"]), "a body\n");
    assert_eq!(send().status, Some(127));
    yard.vsn.must(["mount", "-t", "tmpfs", "tmpfs", "/usr/local/sbin"]);
    yard.vsn.run_with_input(["install", "-m", "755", "/dev/stdin", "/usr/local/sbin/sendmail"], SENDMAIL);
    let _sink = yard.vsn.mail_sink();
    let sent = send();
    assert_eq!(sent.status, Some(0), "{sent:?}");
    assert_eq!(yard.subjects(), ["by sendmail"]);
}
