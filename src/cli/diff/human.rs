//! What differs, for people at a terminal.

use super::{Against, Told};
use crate::cli::in_force::deviation;
use crate::cli::review;
use crate::difference::{Change, Difference, Fate, Line, ServiceDifference, lines};
use serde_json::Value;

/// The longest value that is shown whole.
const LONGEST: usize = 120;

/// The longest part of a text of several lines that is shown whole.
const MOST_LINES: usize = 40;

/// What is said of a difference, green for what is new and red for what goes.
struct Page {
    text: String,
    colour: bool,
}

/// How a part of a line looks.
#[derive(Clone, Copy)]
enum Look {
    Heading,
    New,
    Old,
    Other,
}

pub(super) fn text(told: &Told<'_>, colour: bool) -> String {
    let Told { plan, review, against, old: _, hotfixes, difference } = told;
    let mut page = Page { text: format!("{}, compared with {}\n", plan.name, with(against)), colour };
    page.text.push_str(&review::told(review));
    let Difference {
        services,
        changes,
        new_directories,
        unused_directories,
        new_lines,
        old_lines,
        unread,
        written_otherwise,
    } = difference;
    if difference.is_none() {
        let how = if *written_otherwise { "the same, written in another way: the hash differs" } else { "the same" };
        page.text.push_str(&format!("{how}\n"));
    }
    let deviations = hotfixes.iter().map(|(name, hotfix)| (Look::Other, deviation(name, hotfix)));
    page.lines("since the deployment", deviations.collect());
    page.heading("services");
    services.iter().for_each(|service| page.service(service));
    page.part("outside the services", changes, |page, change| page.change(change));
    let directories =
        new_directories.iter().map(|path| (Look::New, format!("+ {path}  used as it is, or created if it is missing")));
    let unused = unused_directories
        .iter()
        .map(|path| (Look::Old, format!("- {path}  not used any more: stays on the disk as it is")));
    page.lines("data directories", directories.chain(unused).collect());
    let came = new_lines.iter().map(|line| (Look::New, format!("+ {line}")));
    let went = old_lines.iter().map(|line| (Look::Old, format!("- {line}")));
    page.lines("crontab", went.chain(came).collect());
    page.lines("not compared", unread.iter().map(|path| (Look::Other, format!("the content of {path}"))).collect());
    page.text.push('\n');
    page.text.push_str(NOTE);
    page.text
}

/// What is true of every deployment.
const NOTE: &str = "A deployment removes every container of the plan and creates those of the new one, also of services that stay as \
they were.\nThe values of secrets are not compared.\n";

pub(super) fn with(against: &Against) -> String {
    match against {
        Against::Deployed(at) => format!("what is deployed since {at}"),
        Against::Nothing => "nothing: no plan of this name is deployed".to_owned(),
        Against::File(file) => file.clone(),
    }
}

/// What becomes of a service, in words.
pub(super) fn fate(service: &ServiceDifference) -> &'static str {
    match service.fate {
        Fate::New => "new",
        Fate::Gone => "goes",
        Fate::Changes if service.image.same == Some(false) && service.changes.is_empty() => "gets another image",
        Fate::Changes => "changes",
        Fate::Unknown => "as it was, unless it gets another image, which is known when it is retrieved",
        Fate::AsItWas => "as it was",
    }
}

/// A value in one line, its middle left out if it is long.
pub(super) fn short(value: &Value, longest: usize) -> String {
    let text = printable(&value.to_string());
    let count = text.chars().count();
    if count <= longest {
        return text;
    }
    let half = longest / 2;
    let (first, last): (String, String) =
        (text.chars().take(half).collect(), text.chars().skip(count - half).collect());
    format!("{first} … {last}")
}

/// Both texts, if at least one has several lines.
pub(super) fn several_lines(change: &Change) -> Option<(&str, &str)> {
    let (old, new) = (change.old.as_ref()?.as_str()?, change.new.as_ref()?.as_str()?);
    [old, new].iter().any(|text| text.trim_end().contains('\n')).then_some((old, new))
}

impl Page {
    fn paint(&self, look: Look, text: &str) -> String {
        let code = match look {
            Look::Heading => "1",
            Look::New => "32",
            Look::Old => "31",
            Look::Other => return text.to_owned(),
        };
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn heading(&mut self, title: &str) {
        let title = self.paint(Look::Heading, title);
        self.text.push_str(&format!("\n{title}\n"));
    }

    fn part<T>(&mut self, title: &str, of: &[T], one: impl Fn(&mut Self, &T)) {
        if !of.is_empty() {
            self.heading(title);
            of.iter().for_each(|part| one(self, part));
        }
    }

    fn lines(&mut self, title: &str, lines: Vec<(Look, String)>) {
        self.part(title, &lines, |page, (look, line)| {
            let line = page.paint(*look, line);
            page.text.push_str(&format!("  {line}\n"));
        });
    }

    fn service(&mut self, service: &ServiceDifference) {
        let ServiceDifference { name, fate: became, image, config: _, changes } = service;
        let look = match became {
            Fate::New => Look::New,
            Fate::Gone => Look::Old,
            Fate::Changes => Look::Heading,
            Fate::Unknown | Fate::AsItWas => Look::Other,
        };
        let words = self.paint(look, fate(service));
        self.text.push_str(&format!("  {name}  {words}\n"));
        if *became == Fate::Gone {
            return;
        }
        if let (Some(old), Some(new), Some(false)) = (&image.old, &image.new, image.same) {
            let (old, new) = (self.paint(Look::Old, old.short()), self.paint(Look::New, new.short()));
            self.text.push_str(&format!("    image ID  {old} → {new}\n"));
        }
        changes.iter().for_each(|change| {
            self.text.push_str("  ");
            self.change(change);
        });
    }

    fn change(&mut self, change: &Change) {
        let Change { pointer: _, field, content, old, new } = change;
        let value = |value: &Value| match value.as_str().filter(|_| *content) {
            Some(sha256) => sha256.get(..12).unwrap_or(sha256).to_owned(),
            None => short(value, LONGEST),
        };
        let old = old.as_ref().map(|old| self.paint(Look::Old, &value(old)));
        let new = new.as_ref().map(|new| self.paint(Look::New, &value(new)));
        let field = if *content { format!("content of {field}") } else { field.clone() };
        let (old, new) = match (old, new, several_lines(change)) {
            (Some(_), Some(_), Some((old, new))) => {
                self.text.push_str(&format!("  {field}\n"));
                self.text_change(old, new);
                return;
            }
            (Some(old), Some(new), None) => (old, format!(" → {new}")),
            (Some(old), None, _) => (format!("- {old}"), String::new()),
            (None, Some(new), _) => (format!("+ {new}"), String::new()),
            (None, None, _) => return,
        };
        self.text.push_str(&format!("  {field}  {old}{new}\n"));
    }

    fn text_change(&mut self, old: &str, new: &str) {
        let all = lines(old, new);
        for line in all.iter().take(MOST_LINES) {
            let line = match line {
                Line::Both(line) => format!("  {}", printable(line)),
                Line::Old(line) => self.paint(Look::Old, &format!("- {}", printable(line))),
                Line::New(line) => self.paint(Look::New, &format!("+ {}", printable(line))),
            };
            self.text.push_str(&format!("      {line}\n"));
        }
        if all.len() > MOST_LINES {
            self.text.push_str(&format!("      … and {} lines more\n", all.len() - MOST_LINES));
        }
    }
}

/// A line without what a terminal would obey.
pub(super) fn printable(line: &str) -> String {
    line.chars().filter(|c| !c.is_control() || *c == '\t').collect()
}
