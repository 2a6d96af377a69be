//! What differs between two texts of several lines. Reads nothing, changes nothing.

/// A line that only one of two texts has at its place, or that both have next to such lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// Both have it.
    Both(&'a str),
    /// The old one has it.
    Old(&'a str),
    /// The new one has it.
    New(&'a str),
}

/// How many lines stand before and after what differs.
const AROUND: usize = 2;

/// The part of two texts that differs, with a little of what stands around it: from the first line that differs to the last.
pub fn lines<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let before = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let shorter = old.len().min(new.len()) - before;
    let after = old.iter().rev().zip(new.iter().rev()).take(shorter).take_while(|(old, new)| old == new).count();
    let middle = |lines: &[&'a str]| lines.get(before..lines.len() - after).unwrap_or_default().to_vec();
    let above = old.get(before.saturating_sub(AROUND)..before).unwrap_or_default().to_vec();
    let below = old.iter().skip(old.len() - after).take(AROUND).copied();
    let above = above.into_iter().map(Line::Both);
    let changed = middle(&old).into_iter().map(Line::Old).chain(middle(&new).into_iter().map(Line::New));
    above.chain(changed).chain(below.map(Line::Both)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Line, lines};
    use pretty_assertions::assert_eq;

    #[test]
    fn what_differs_is_told_with_the_lines_around_it() {
        let told = lines("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nD\nD\ne\nf\n");
        let around = |line| Line::Both(line);
        let expected =
            [around("b"), around("c"), Line::Old("d"), Line::New("D"), Line::New("D"), around("e"), around("f")];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_line_that_comes_or_goes_is_told_alone_and_repeated_lines_are_not_counted_twice() {
        assert_eq!(lines("a", "a\na"), [Line::Both("a"), Line::New("a")]);
        assert_eq!(lines("a\na", "a"), [Line::Both("a"), Line::Old("a")]);
        assert_eq!(lines("", "b"), [Line::Old(""), Line::New("b")]);
    }
}
