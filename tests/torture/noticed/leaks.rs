//! Secrets where they must not be, in every form.

use super::{Breach, breach};

/// Writes each secret in each form to a file of its own, a piece of twelve bytes in the middle of something else among them. It asks the
/// encoders of Python and Bash, for what the observer looks for must not be held against itself.
const FORMS: &str = r#"
import base64, json, os, re, shlex, subprocess, sys, urllib.parse
secrets = json.load(open('/srv/secrets.json'))
os.mkdir('/srv/leaks')
for name, text in secrets.items():
    value = base64.b64decode(text) if name == 'binary' else text.encode()
    longest = max(value.split(b'\n'), key=len)
    forms = {
        'raw': value,
        'first': value[:12] if b'\n' not in value[:12] else longest[:12],
        'middle': longest[3:15],
        'last': longest[-12:],
        'hex': value.hex().encode(),
        'HEX': value.hex().upper().encode(),
    }
    for offset in range(3):
        whole = b'x' * offset + value
        forms[f'base64-{offset}'] = base64.b64encode(whole)
        forms[f'base64-url-{offset}'] = base64.urlsafe_b64encode(whole)
        forms[f'base64-lines-{offset}'] = base64.encodebytes(whole)
    if name != 'binary':
        forms |= {
            'json': json.dumps(text).encode(),
            'json-utf-8': json.dumps(text, ensure_ascii=False).encode(),
            'json-in-json': json.dumps(json.dumps(text)).encode(),
            'url': urllib.parse.quote(text, safe='').encode(),
            'url-form': urllib.parse.quote_plus(text).encode(),
            'shell': shlex.quote(text).encode(),
            'bash': subprocess.run(['bash', '-c', 'printf %q "$1"', 'bash', text], stdout=subprocess.PIPE).stdout,
            'python': repr(text).encode(),
            'escaped': re.escape(text).encode(),
            'octal': ''.join(f'\\{byte:03o}' if byte < 48 or byte > 122 else chr(byte) for byte in value).encode(),
        }
    for form, bytes in forms.items():
        open(f'/srv/leaks/{name}-{form}', 'wb').write(b'before ' + bytes + b' after\n')
"#;

/// Every form of every secret in a file.
pub fn in_every_form() -> Breach {
    let mut told = Vec::new();
    for (name, way) in [
        ("file", "File"),
        ("binary", "Binary"),
        ("config", "Config"),
        ("variable", "Variable"),
        ("templated", "TemplatedVariable"),
        ("key", "Key"),
        ("mail", "Mail"),
    ] {
        let mut forms: Vec<String> = ["raw", "first", "middle", "last", "hex", "HEX"].map(str::to_owned).into();
        for offset in 0..3 {
            forms.extend(["base64", "base64-url", "base64-lines"].map(|form| format!("{form}-{offset}")));
        }
        if name != "binary" {
            let escaped = [
                "json",
                "json-utf-8",
                "json-in-json",
                "url",
                "url-form",
                "shell",
                "bash",
                "python",
                "escaped",
                "octal",
            ];
            forms.extend(escaped.map(str::to_owned));
        }
        told.extend(forms.iter().map(|form| format!("a piece of the secret {way} is in /srv/leaks/{name}-{form}\n")));
    }
    let broken = format!("cat > /srv/leak.py << 'END'{FORMS}END\npython3 /srv/leak.py");
    Breach { broken, mended: "rm -r /srv/leaks /srv/leak.py".to_owned(), told }
}

/// One of the secrets.
const VALUE: &str = "value=$(python3 -c \"import json; print(json.load(open('/srv/secrets.json'))['config'])\")";

fn leak(broken: &str, mended: &str, told: &[&str]) -> Breach {
    breach(&format!("{VALUE}; {broken}"), &format!("{VALUE}; {mended}"), told)
}

/// A secret in every place that is not a file which somebody writes.
pub fn in_every_place() -> Vec<Breach> {
    in_no_content().into_iter().chain(in_content()).collect()
}

fn in_no_content() -> Vec<Breach> {
    vec![
        leak(
            "PASSWORD=$value setsid tail -f /dev/null & setsid tail -f /dev/null \"$value\" 2> /dev/null &
             until [ $(pgrep --count tail) = 2 ]; do sleep 0.02; done",
            "pkill tail",
            &[
                "a piece of the secret Config is in look/environment-server-…-tail",
                "a piece of the secret Config is in look/arguments-server-…-tail",
                "new process: …\"tail\"",
            ],
        ),
        leak(
            "mkdir \"/srv/${value:0:12}\"",
            "rmdir \"/srv/${value:0:12}\"",
            &["a piece of the secret Config is in look/names"],
        ),
    ]
}

fn in_content() -> Vec<Breach> {
    vec![
        leak(
            "printf '%s' \"$value\" > /dev/shm/left",
            "rm /dev/shm/left",
            &["a piece of the secret Config is in /dev/shm/left", "new shared memory: \"left\""],
        ),
        leak(
            "printf '%s' \"$value\" > /run/left",
            "rm /run/left",
            &[
                "a piece of the secret Config is in /run/left",
                "new path in /run: \"left\"",
                "new path of others in /run: \"/run/left",
            ],
        ),
        leak(
            "printf '# %s\\n' \"$value\" >> /var/spool/cron/crontabs/root",
            "sed -i '$d' /var/spool/cron/crontabs/root",
            &["is in /var/spool/cron/crontabs/root", "the crontab is Present", "the crontab of others is"],
        ),
        leak(
            "printf '%s' \"$value\" >> /var/log/syslog",
            "rm /var/log/syslog",
            &["a piece of the secret Config is in /var/log/syslog"],
        ),
        leak(
            "journal=$(ls /var/lib/landfall/shop/runs/*/journal | tail -n 1)
             cp -a $journal /srv/journal; printf '%s' \"$value\" >> $journal",
            "cp -a /srv/journal $(ls /var/lib/landfall/shop/runs/*/journal | tail -n 1)",
            &["/journal", "the journal of … something follows the zeros"],
        ),
        leak(
            "printf '%s' \"$value\" >> $(ls -d /var/lib/landfall/shop/runs/[0-9]* | tail -n 1)/log",
            "sed -i '$d' $(ls -d /var/lib/landfall/shop/runs/[0-9]* | tail -n 1)/log",
            &["a piece of the secret Config is in /var/lib/landfall/shop/runs/…/log"],
        ),
        // What the engine has only while something is deployed.
        leak(
            "printf '%s' \"$value\" > /var/lib/containers/storage/secrets/filedriver/left",
            "rm /var/lib/containers/storage/secrets/filedriver/left",
            &["a piece of the secret Config is in /var/lib/containers/storage/secrets/filedriver/left"],
        ),
        leak(
            "printf '%s' \"$value\" > /srv/mail/left",
            "rm /srv/mail/left",
            &["a piece of the secret Config is in /srv/mail/left"],
        ),
    ]
}

/// What an engine is given as a variable stays in its database when the container is gone.
pub fn for_good() -> Vec<Breach> {
    vec![breach(
        &format!("{VALUE}; podman create --name leaks --env PASSWORD=\"$value\" localhost/theirs:1"),
        "",
        &[
            "a piece of the secret Config is in look/described-leaks",
            "a piece of the secret Config is in /var/lib/containers/storage/libpod/bolt_state.db",
            "new container: \"leaks\"",
            "new container of others: \"leaks ",
            "new entry: \"/var/lib/containers/storage/overlay",
            "new path in /run: \"containers/storage/overlay-containers/",
        ],
    )]
}
