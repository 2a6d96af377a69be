//! `landfall completions`: prints a shell's completions.

use super::arguments::{Arguments, Completions};
use super::screen::Screen;
use crate::exit::Exit;
use clap::CommandFactory;

/// Prints the completions of a shell.
pub fn completions(arguments: &Completions, screen: &Screen) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "landfall", &mut text);
    screen.result(&String::from_utf8_lossy(&text));
    Exit::Done
}
