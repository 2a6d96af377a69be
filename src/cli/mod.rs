//! Arguments in, the screen out: one file a subcommand. The only folder that prints.

mod arguments;
mod back;
mod beneath;
mod check;
mod completions;
mod data;
mod deploy;
mod deployed;
mod diff;
mod dry_run;
mod exec;
mod explain;
mod health;
mod history;
mod images;
mod import;
mod in_force;
mod init;
mod inputs;
mod jobs;
mod keeping;
mod live;
mod log;
mod logs;
mod lsp;
mod mail;
mod man;
mod origin;
mod outlet;
mod pace;
mod progress;
mod recover;
mod refusal;
mod remake;
mod replace;
mod review;
mod rollback;
mod runs;
mod schema;
mod screen;
mod services;
mod site;
mod sizes;
mod starting;
mod status;
mod summary;
mod support;
mod table;
mod teardown;
mod timings;

use crate::exit::Exit;
use crate::facts::RunKind;
use crate::host::command::take_patience;
use crate::host::system;
use arguments::{Arguments, Command};
use clap::Parser;
use screen::Screen;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The whole program.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let screen = Screen::of_this_process();
    match Arguments::try_parse_from(arguments) {
        Ok(arguments) => {
            log::to_screen(&screen, arguments.verbose);
            if let Err(problem) = take_patience() {
                screen.line(&problem);
            }
            let exit = catch_unwind(AssertUnwindSafe(|| perform(arguments, &screen))).unwrap_or_else(|_| {
                screen.line(PANIC);
                Exit::Failed
            });
            screen.finish();
            exit
        }
        Err(error) => usage(&error, &screen),
    }
}

/// What is told where even the rollback of a run, which a panic in it leads to, was not come to.
const PANIC: &str = "landfall ended in a panic, which is a defect of it: `landfall status` tells whether a run was \
                     interrupted, and `landfall recover` finishes one that was";

fn perform(arguments: Arguments, screen: &Screen) -> Exit {
    let Arguments { verbose: _, state_dir, command } = arguments;
    match command {
        Command::Check(arguments) => check::check(&arguments, &system::now(), screen),
        Command::Deploy(arguments) => deploy::deploy(&arguments, &state_dir, screen),
        Command::Diff(arguments) => diff::diff(&arguments, &state_dir, screen),
        Command::Status(arguments) => status::status(&arguments, &state_dir, screen),
        Command::Start(arguments) => starting::change(RunKind::Start, &arguments, &state_dir, screen),
        Command::Stop(arguments) => starting::change(RunKind::Stop, &arguments, &state_dir, screen),
        Command::Restart(arguments) => starting::change(RunKind::Restart, &arguments, &state_dir, screen),
        Command::Replace(arguments) => replace::replace(&arguments, &state_dir, screen),
        Command::Teardown(arguments) => teardown::teardown(&arguments, &state_dir, screen),
        Command::Remake(arguments) => remake::remake(&arguments, &state_dir, screen),
        Command::Recover => recover::recover(&state_dir, screen),
        Command::Logs(arguments) => logs::logs(&arguments, &state_dir, screen),
        Command::Health(arguments) => health::health(&arguments, &state_dir, screen),
        Command::Exec(arguments) => exec::exec(&arguments, &state_dir, screen),
        Command::Data(arguments) => data::data(&arguments, &state_dir, screen),
        Command::History(arguments) => history::history(&arguments, &state_dir, screen),
        Command::Rollback(arguments) => rollback::rollback(&arguments, &state_dir, screen),
        Command::Jobs(arguments) => jobs::jobs(&arguments, &state_dir, screen),
        Command::Support(arguments) => support::support(&arguments, &state_dir, screen),
        Command::Explain(arguments) => explain::explain(&arguments, screen),
        Command::Images(arguments) => images::images(&arguments, &state_dir, screen),
        Command::Init(arguments) => init::init(&arguments, screen),
        Command::Import(arguments) => import::import(&arguments, screen),
        Command::Lsp => lsp::lsp(),
        Command::Schema(arguments) => schema::schema(&arguments, screen),
        Command::Completions(arguments) => completions::completions(&arguments, screen),
        Command::Man => man::man(screen),
    }
}

/// Help and the version were asked for; everything else is wrong usage.
fn usage(error: &clap::Error, screen: &Screen) -> Exit {
    let text = if screen.colour() { error.render().ansi().to_string() } else { error.render().to_string() };
    if error.use_stderr() {
        screen.tell(&text);
        Exit::Usage
    } else {
        screen.result(&text);
        Exit::Done
    }
}
