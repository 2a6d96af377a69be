//! `landfall man`: prints the manual page.

use super::arguments::Arguments;
use super::screen::Screen;
use crate::exit::Exit;
use clap::{Command, CommandFactory};

/// Prints the manual page: the program, then each subcommand.
pub fn man(screen: &Screen) -> Exit {
    let mut command = Arguments::command();
    command.build();
    let mut text = Vec::new();
    let pages =
        std::iter::once(&command).chain(command.get_subcommands().filter(|command| command.get_name() != "help"));
    let rendered: Result<Vec<()>, _> = pages.map(|command| render(command, &mut text)).collect();
    match rendered {
        Ok(_) => {
            screen.result(&String::from_utf8_lossy(&text));
            Exit::Done
        }
        Err(error) => {
            screen.line(&format!("the manual page can't be made: {error}"));
            Exit::Failed
        }
    }
}

fn render(command: &Command, text: &mut Vec<u8>) -> std::io::Result<()> {
    clap_mangen::Man::new(command.clone()).render(text)
}
