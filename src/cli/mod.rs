//! Arguments in, the screen out: one file a subcommand. The only folder that prints.
