//! Whether somebody reads what is written. Reads only.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::AsFd;

/// Whether somebody can still read what is written here: false once the other end of a pipe was closed.
pub fn has_reader(out: impl AsFd) -> bool {
    let mut asked = [PollFd::new(out.as_fd(), PollFlags::empty())];
    let gone = PollFlags::POLLERR | PollFlags::POLLHUP | PollFlags::POLLNVAL;
    match poll(&mut asked, PollTimeout::ZERO) {
        Ok(_) => !asked.iter().any(|asked| asked.revents().is_some_and(|seen| seen.intersects(gone))),
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::has_reader;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_pipe_has_a_reader_until_its_other_end_is_closed() {
        let (reader, writer) = std::io::pipe().unwrap();
        assert_eq!(has_reader(&writer), true);
        drop(reader);
        assert_eq!(has_reader(&writer), false);
    }
}
