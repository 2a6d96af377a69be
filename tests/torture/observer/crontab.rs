//! Root's crontab.

use crate::support::Crontab;

const BEGIN: &str = "# BEGIN landfall shop\n";
/// How the block begins that made the crontab.
const BEGIN_OF_A_NEW_ONE: &str = "# BEGIN landfall shop (no crontab before)\n";
const END: &str = "# END landfall shop\n";

/// What of it is not the plan's block. A crontab that holds nothing else and was made for it is none.
pub fn of_others(crontab: &Crontab) -> Result<Crontab, String> {
    let Crontab::Present(text) = crontab else { return Ok(Crontab::Absent) };
    let (mut kept, mut inside, mut blocks, mut is_new) = (String::new(), false, 0, false);
    for line in text.split_inclusive('\n') {
        match line {
            BEGIN | BEGIN_OF_A_NEW_ONE if inside => return Err(format!("a block within a block: {text}")),
            BEGIN | BEGIN_OF_A_NEW_ONE => (inside, blocks, is_new) = (true, blocks + 1, line == BEGIN_OF_A_NEW_ONE),
            END if !inside => return Err(format!("the end of a block without its beginning: {text}")),
            END => inside = false,
            line if !inside => kept.push_str(line),
            _ => {}
        }
    }
    match (inside, blocks) {
        (true, _) => Err(format!("a block without an end: {text}")),
        (false, 0) => Ok(crontab.clone()),
        (false, 1) if kept.is_empty() && is_new => Ok(Crontab::Absent),
        (false, 1) => Ok(Crontab::Present(kept)),
        (false, _) => Err(format!("several blocks: {text}")),
    }
}

/// The lines of the plan's block.
pub fn of_the_plan(crontab: &Crontab) -> Vec<String> {
    let Crontab::Present(text) = crontab else { return Vec::new() };
    let within = text.split_inclusive('\n').skip_while(|line| ![BEGIN, BEGIN_OF_A_NEW_ONE].contains(line)).skip(1);
    within.take_while(|line| *line != END).map(str::to_owned).collect()
}
