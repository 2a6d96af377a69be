//! `landfall init`: writes a starter plan, its secrets file, and the schemas beside them, after asking what is to run.

mod starter;

use super::arguments::Init;
use super::screen::Screen;
use crate::diagnostics::Finding;
use crate::exit::Exit;
use crate::host::files::{self, FileProblem, NewFile};
use crate::host::random;
use crate::plan::written::Written;
use crate::schemas;
use secrecy::{ExposeSecret, SecretString};
use starter::{Answers, Question};
use std::io::{self, BufRead, IsTerminal};
use std::path::Path;

const PLAN: &str = "plan.json";
const SECRETS: &str = "secrets.json";

/// An answer that is longer is none.
const LONGEST: usize = 4096;

/// Why nothing is written.
enum Problem {
    /// No answer to a question without a default, and nobody to be asked.
    Missing(Question),
    /// An answer that would make a plan with findings.
    Wrong(Question, String),
    /// Nobody answers any more.
    Ended,
}

/// Asks on a terminal, takes the options elsewhere, and writes the files.
pub fn init(arguments: &Init, screen: &Screen) -> Exit {
    let folder = arguments.folder.as_path();
    // Before anything is asked: answers are work.
    if let Some(there) =
        [PLAN, SECRETS].map(|name| folder.join(name)).into_iter().find(|path| path.symlink_metadata().is_ok())
    {
        return refuse(&FileProblem::Exists { path: there }.to_string(), screen);
    }
    let asks = io::stdin().is_terminal() && !arguments.defaults;
    match answers(arguments, asks, screen) {
        Ok(answers) => write(folder, &answers, screen),
        Err(Problem::Missing(question)) => {
            let (option, words) = (question.option(), question.words());
            screen.line(&format!("`{option}` is missing, and there is nobody to ask: {words}\nnothing was written"));
            Exit::Usage
        }
        Err(Problem::Wrong(question, problem)) => {
            screen.line(&format!("`{}`: {problem}\nnothing was written", question.option()));
            Exit::Usage
        }
        Err(Problem::Ended) => refuse("not all questions were answered", screen),
    }
}

fn refuse(problem: &str, screen: &Screen) -> Exit {
    screen.line(&format!("{problem}\nrefused: nothing was written"));
    Exit::Refused
}

fn answers(arguments: &Init, asks: bool, screen: &Screen) -> Result<Answers, Problem> {
    let absolute = std::path::absolute(&arguments.folder).unwrap_or_else(|_| arguments.folder.clone());
    let folder = absolute.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut answers = Answers::default();
    for question in Question::ALL {
        if question == Question::Smtp
            && answers.wanted(Question::Mail).is_none()
            && option(arguments, question).is_none()
        {
            continue;
        }
        let default = answers.default_of(question, &folder);
        match (option(arguments, question), asks) {
            (Some(answer), _) => answer_once(&mut answers, question, &answer, &folder)?,
            (None, true) => ask(&mut answers, (question, default), &folder, screen)?,
            (None, false) => {
                let answer = default.ok_or(Problem::Missing(question))?;
                answer_once(&mut answers, question, &answer, &folder)?;
            }
        }
    }
    Ok(answers)
}

/// What an option says.
fn option(arguments: &Init, question: Question) -> Option<String> {
    let Init { folder: _, name, service, image, port, health, data, memory, secret, mail, smtp, defaults: _ } =
        arguments;
    let given = match question {
        Question::Name => name,
        Question::Service => service,
        Question::Image => image,
        Question::Port => port,
        Question::Health => health,
        Question::Data => data,
        Question::Memory => memory,
        Question::Secrets => return (!secret.is_empty()).then(|| secret.join(",")),
        Question::Mail => mail,
        Question::Smtp => smtp,
    };
    given.clone()
}

fn answer_once(answers: &mut Answers, question: Question, answer: &str, folder: &str) -> Result<(), Problem> {
    answers.put(question, answer);
    match problem(answers, folder) {
        Some(problem) => Err(Problem::Wrong(question, problem)),
        None => Ok(()),
    }
}

/// Asks until the answer makes a plan without findings.
fn ask(
    answers: &mut Answers,
    (question, default): (Question, Option<String>),
    folder: &str,
    screen: &Screen,
) -> Result<(), Problem> {
    loop {
        let shown = default.as_ref().map_or_else(String::new, |default| format!(" [{default}]"));
        screen.tell(&format!("{}{shown}: ", question.words()));
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line) {
            Ok(1..=LONGEST) => {}
            Ok(_) | Err(_) => {
                screen.line("");
                return Err(Problem::Ended);
            }
        }
        let answer = Some(line.trim()).filter(|line| !line.is_empty()).map(str::to_owned).or_else(|| default.clone());
        let Some(answer) = answer else {
            screen.line("  an answer is needed here");
            continue;
        };
        answers.put(question, &answer);
        match problem(answers, folder) {
            Some(problem) => screen.line(&format!("  {problem}")),
            None => return Ok(()),
        }
    }
}

/// What the check would find, warnings included, in the plan that these answers make with the defaults of all others.
fn problem(answers: &Answers, folder: &str) -> Option<String> {
    let mut whole = answers.clone();
    for question in Question::ALL {
        if whole.given(question).is_none() {
            let unknown = match question {
                Question::Image => "registry.example/image:1".to_owned(),
                // No port is published, and no check is chosen yet.
                _ => "true".to_owned(),
            };
            let default = whole.default_of(question, folder).unwrap_or(unknown);
            whole.put(question, &default);
        }
    }
    let text = starter::plan(&whole).laid_out();
    let mut findings = crate::check((PLAN, text.as_bytes()), None).findings;
    findings.truncate(1);
    findings.pop().map(|finding| {
        let Finding { message, label, help, .. } = finding;
        let parts = [message, label, help];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
    })
}

fn write(folder: &Path, answers: &Answers, screen: &Screen) -> Exit {
    let secrets = match secrets_file(answers) {
        Ok(secrets) => secrets,
        Err(problem) => {
            screen.line(&format!("{problem}\nnothing was written"));
            return Exit::Failed;
        }
    };
    let file = |name: &str, text: &str, mode| NewFile { path: folder.join(name), bytes: text.into(), mode };
    let mut new = vec![
        file(PLAN, &starter::plan(answers).laid_out(), 0o666),
        file(SECRETS, secrets.expose_secret(), 0o600),
        file("schema/plan.v1.json", &schemas::plan_text(), 0o666),
        file("schema/secrets.v1.json", &schemas::secrets_text(), 0o666),
    ];
    // Schemas that are there as they would be written may stay, from another plan of this folder.
    new.retain(|file| !is_there(file));
    if let Err(problem) = files::write_new_files(&new) {
        let exists = matches!(problem, FileProblem::Exists { path: _ });
        let refused = refuse(&problem.to_string(), screen);
        return if exists { refused } else { Exit::Failed };
    }
    let (plan, secrets) = (folder.join(PLAN), folder.join(SECRETS));
    let (plan, secrets) = (plan.display(), secrets.display());
    screen.result(&format!(
        "wrote {plan}, {secrets} and their schemas; next:\n  landfall check {plan} --secrets {secrets}\n  \
         landfall deploy {plan} --secrets {secrets} --dry-run\n"
    ));
    Exit::Done
}

fn is_there(file: &NewFile) -> bool {
    let limit = file.bytes.len() as u64 + 1;
    let read = files::open_untrusted(&file.path).and_then(|mut there| there.read(limit));
    read.is_ok_and(|bytes| bytes == file.bytes)
}

/// A random value for each secret.
fn secrets_file(answers: &Answers) -> Result<SecretString, FileProblem> {
    let mut file = Written::object().with("$schema", Written::text("schema/secrets.v1.json"));
    for name in answers.secrets() {
        file.put(name, Written::text(random::password()?.expose_secret()));
    }
    Ok(file.laid_out().into())
}
