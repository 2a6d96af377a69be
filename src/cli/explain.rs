//! `landfall explain`: what the codes of findings mean.

use super::arguments::{Explain, Format};
use super::screen::Screen;
use crate::diagnostics::{Code, explained};
use crate::exit::Exit;

/// Tells the paragraph and the examples of each code; without a code, lists all, a line each.
pub fn explain(arguments: &Explain, screen: &Screen) -> Exit {
    let Explain { codes, format } = arguments;
    let text = match (format, codes.as_slice()) {
        (Format::Json, []) => format!("{:#}\n", explained::json(Code::ALL)),
        (Format::Json, codes) => format!("{:#}\n", explained::json(codes)),
        (Format::Human, []) => explained::list(),
        (Format::Human, codes) => {
            let each: Vec<_> = codes.iter().map(|code| explained::human(*code, screen.style().width)).collect();
            each.join("\n")
        }
    };
    screen.result(&text);
    Exit::Done
}
