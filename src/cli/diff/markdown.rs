//! What differs, as a comment on a change: Markdown as GitHub and GitLab understand it.

use super::human::{fate, printable, several_lines, short, with};
use super::{Against, Told};
use crate::cli::in_force::deviation;
use crate::difference::{Change, Difference, Fate, Line, ServiceDifference, lines};
use serde_json::Value;

/// The longest value in a cell that is shown whole.
const LONGEST: usize = 200;

/// The longest part of a text of several lines that is shown whole.
const MOST_LINES: usize = 60;

/// GitHub takes comments of 65,536 characters.
const LONGEST_COMMENT: usize = 60_000;

pub(super) fn text(told: &Told<'_>) -> String {
    let Told { plan, review, against, old: _, hotfixes, difference } = told;
    let compared = match against {
        Against::Deployed(_) | Against::Nothing => with(against),
        Against::File(file) => code(file),
    };
    let mut text = format!("### {} compared with {compared}\n\n{}\n", code(plan.name.as_str()), summary(difference));
    let deviations =
        hotfixes.iter().map(|(name, hotfix)| format!("{}: {}", code(name.as_str()), code(&deviation(name, hotfix))));
    let parts: Vec<_> =
        list("Replaced since the deployment", deviations).into_iter().chain(parts(difference)).collect();
    for (number, part) in parts.iter().enumerate() {
        if text.len() + part.len() > LONGEST_COMMENT {
            text.push_str(&format!("\n… and {} parts more: `landfall diff` tells them all.\n", parts.len() - number));
            break;
        }
        text.push_str(part);
    }
    let hash =
        review.hash().map_or_else(|| "no hash: not everything can be read".to_owned(), |hash| format!("hash `{hash}`"));
    text.push_str(&format!("\n{hash}"));
    if !review.unpinned.is_empty() {
        let names: Vec<_> = review.unpinned.iter().map(|name| code(name.as_str())).collect();
        text.push_str(&format!(
            "; `--expect` would refuse it, because no digest, id or sha256 says which image is that of {}",
            names.join(", ")
        ));
    }
    text.push_str("\n\nA deployment removes every container of the plan and creates those of the new one. The values of secrets are not compared.\n");
    text
}

fn summary(difference: &Difference) -> String {
    if difference.is_none() {
        let how = if difference.written_otherwise {
            "The same, written in another way: the hash differs."
        } else {
            "The same."
        };
        return how.to_owned();
    }
    let count = |fate: Fate| difference.services.iter().filter(|service| service.fate == fate).count();
    let fates = [
        (count(Fate::Changes), "changed"),
        (count(Fate::New), "new"),
        (count(Fate::Gone), "gone"),
        (count(Fate::AsItWas) + count(Fate::Unknown), "as before"),
    ];
    let told: Vec<String> =
        fates.into_iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
    format!("Services: {}.", told.join(", "))
}

/// Everything below the summary, in parts that each make sense alone.
fn parts(difference: &Difference) -> Vec<String> {
    let Difference {
        services,
        changes,
        new_directories,
        unused_directories,
        new_lines,
        old_lines,
        unread,
        written_otherwise: _,
    } = difference;
    let mut parts: Vec<String> = services.iter().map(service).collect();
    if !changes.is_empty() {
        parts.push(format!("\n#### Outside the services\n{}", table(changes)));
    }
    let came = new_directories
        .iter()
        .map(|path| format!("{} is used as it is, or created if it is missing", code(path.as_str())));
    let went = unused_directories
        .iter()
        .map(|path| format!("{} is not used any more and stays on the disk", code(path.as_str())));
    parts.extend(list("Data directories", came.chain(went)));
    let went = old_lines.iter().map(|line| format!("{} goes", code(line)));
    let came = new_lines.iter().map(|line| format!("{} is new", code(line)));
    parts.extend(list("Crontab", went.chain(came)));
    parts.extend(list("Not compared", unread.iter().map(|path| format!("the content of {}", code(path.as_str())))));
    parts
}

fn list(title: &str, items: impl Iterator<Item = String>) -> Option<String> {
    let items: String = items.map(|item| format!("- {item}\n")).collect();
    (!items.is_empty()).then(|| format!("\n#### {title}\n\n{items}"))
}

fn service(service: &ServiceDifference) -> String {
    let ServiceDifference { name, fate: became, image, config: _, changes } = service;
    let mut text = format!("\n#### {} {}\n", code(name.as_str()), fate(service));
    if *became == Fate::Gone {
        return text;
    }
    if let (Some(old), Some(new), Some(false)) = (&image.old, &image.new, image.same) {
        text.push_str(&format!("\nimage ID {} → {}\n", code(old.short()), code(new.short())));
    }
    if !changes.is_empty() {
        text.push_str(&table(changes));
    }
    text
}

fn table(changes: &[Change]) -> String {
    let (texts, values): (Vec<&Change>, Vec<&Change>) =
        changes.iter().partition(|change| several_lines(change).is_some());
    let mut table = String::new();
    if !values.is_empty() {
        table.push_str("\n| field | before | after |\n|---|---|---|\n");
    }
    for Change { pointer: _, field, content, old, new } in values {
        let value = |value: &Option<Value>| match value {
            None => String::new(),
            Some(Value::String(sha256)) if *content => code(sha256.get(..12).unwrap_or(sha256)),
            Some(value) => code(&short(value, LONGEST)),
        };
        let what = if *content { "content of " } else { "" };
        let cells = [format!("{what}{}", code(field)), value(old), value(new)].map(|cell| cell.replace('|', "\\|"));
        table.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    texts.iter().filter_map(|change| Some((change, several_lines(change)?))).for_each(|(change, (old, new))| {
        table.push_str(&text_change(&change.field, old, new));
    });
    table
}

/// A text of several lines, in a block that nothing in it can end.
fn text_change(field: &str, old: &str, new: &str) -> String {
    let all = lines(old, new);
    let shown = all.iter().take(MOST_LINES).map(|line| match line {
        Line::Both(line) => format!("  {}\n", printable(line)),
        Line::Old(line) => format!("- {}\n", printable(line)),
        Line::New(line) => format!("+ {}\n", printable(line)),
    });
    let mut shown: String = shown.collect();
    if all.len() > MOST_LINES {
        shown.push_str(&format!("… and {} lines more\n", all.len() - MOST_LINES));
    }
    let fence = "`".repeat(longest_run(&shown).max(2) + 1);
    format!("\n{}\n\n{fence}diff\n{shown}{fence}\n", code(field))
}

/// A text as code that nothing in it can end, in one line.
fn code(text: &str) -> String {
    let text = printable(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let space = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{code, text_change};
    use pretty_assertions::assert_eq;

    #[test]
    fn nothing_ends_the_code_that_it_stands_in() {
        assert_eq!(
            ["plain", "a`b", "``", "a\n# b", " "].map(code),
            ["`plain`", "``a`b``", "``` `` ```", "`a# b`", "`   `"]
        );
        let block = text_change("content", "a\n```\nb", "a\n```\nc\u{1b}[31m");
        assert_eq!(block, "\n`content`\n\n````diff\n  a\n  ```\n- b\n+ c[31m\n````\n");
    }
}
