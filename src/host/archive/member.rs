//! Walks a tar stream member by member, with bounds on everything that it remembers. Reads the stream, changes nothing.
//!
//! The `tar` crate's own iterator reads long names and extended headers into memory whatever their size, and takes a
//! file that ends between two members for a complete one; so only its header and record parsers are used.

use std::io::{self, Read};

use tar::{EntryType, Header, PaxExtensions};

use super::compression::{Compression, read_start};
use super::name::{link_target, member_name};
use super::problem::ArchiveProblem;

const BLOCK: usize = 512;
const LONGEST_EXTENSION: u64 = 64 << 10;
const MOST_MEMBERS: usize = 100_000;

/// One member of an archive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The name, normalised.
    pub(super) name: String,
    /// What it is.
    pub(super) kind: MemberKind,
}

/// What a member is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum MemberKind {
    /// A regular file; its content is read from `Members`.
    File,
    /// A hard or symbolic link to the member of this name.
    Link(String),
    /// A folder, a device, whatever no image is made of.
    Other,
}

/// The members of the tar stream `S`, in order; also a reader of the present member's content.
pub(super) struct Members<S> {
    stream: S,
    compression: Compression,
    seen: usize,
    unread: u64,
    padding: u64,
}

/// What extension headers said about the member that follows them.
#[derive(Default)]
struct Extensions {
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
}

impl<S: Read> Members<S> {
    /// The members of a tar stream that was unpacked from a file with this compression.
    pub(super) fn of(stream: S, compression: Compression) -> Self {
        Self { stream, compression, seen: 0, unread: 0, padding: 0 }
    }

    /// The next member, `None` after the last one; what is unread of the present one is skipped.
    ///
    /// # Errors
    /// The stream is no tar stream, is damaged, cut short, or beyond the limits.
    pub(super) fn next(&mut self) -> Result<Option<Member>, ArchiveProblem> {
        let mut extensions = Extensions::default();
        while let Some(header) = self.header()? {
            let text = |me: &mut Self| me.extension();
            match header.entry_type() {
                EntryType::GNULongName => extensions.name = Some(text(self)?),
                EntryType::GNULongLink => extensions.target = Some(text(self)?),
                EntryType::XHeader => extensions.add(&text(self)?)?,
                EntryType::XGlobalHeader => {}
                kind => return self.member(&header, kind, extensions).map(Some),
            }
        }
        Ok(None)
    }

    /// Reads to the end of the stream, so that checksums after the last member are verified.
    ///
    /// # Errors
    /// What follows the archive's end is damaged or cut short.
    pub(super) fn finish(mut self) -> Result<(), ArchiveProblem> {
        let end = io::copy(&mut self.stream, &mut io::sink());
        end.map(|_| ()).map_err(|error| ArchiveProblem::in_reading("its end", self.compression, error))
    }

    /// The next header, `None` at the archive's end mark.
    fn header(&mut self) -> Result<Option<Header>, ArchiveProblem> {
        self.skip().map_err(|error| self.problem(error))?;
        let mut header = Header::new_old();
        let read = read_start(&mut self.stream, header.as_mut_bytes()).map_err(|error| self.problem(error))?;
        let first = self.seen == 0;
        if header.as_bytes().iter().all(|byte| *byte == 0) && read == BLOCK && !first {
            return Ok(None);
        }
        if read < BLOCK && !first {
            return Err(ArchiveProblem::CutShort { part: "the list of its members".to_owned() });
        }
        if read < BLOCK || !has_right_checksum(&header) {
            let damaged = damaged_header("a member's header has a wrong checksum");
            return Err(if first { ArchiveProblem::NotAnArchive } else { damaged });
        }
        self.seen += 1;
        if self.seen > MOST_MEMBERS {
            return Err(ArchiveProblem::TooManyMembers { limit: MOST_MEMBERS });
        }
        self.expect(header.entry_size().map_err(damaged_header)?);
        Ok(Some(header))
    }

    fn member(&mut self, header: &Header, kind: EntryType, said: Extensions) -> Result<Member, ArchiveProblem> {
        let Extensions { name, target, size } = said;
        let name = member_name(&name.unwrap_or_else(|| header.path_bytes().into_owned()))?;
        let target = target.or_else(|| header.link_name_bytes().map(|bytes| bytes.into_owned()));
        let target = |symbolic| link_target(&name, &target.unwrap_or_default(), symbolic);
        let kind = match kind {
            EntryType::Regular | EntryType::Continuous => MemberKind::File,
            EntryType::Link => MemberKind::Link(target(false)?),
            EntryType::Symlink => MemberKind::Link(target(true)?),
            _ => MemberKind::Other,
        };
        match (&kind, size) {
            (MemberKind::File, Some(size)) => self.expect(size),
            (MemberKind::Link(_), _) => self.expect(0),
            (MemberKind::File, None) | (MemberKind::Other, _) => {}
        }
        Ok(Member { name, kind })
    }

    fn expect(&mut self, size: u64) {
        self.unread = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
    }

    /// The content of an extension header, without the zero byte that ends a GNU name.
    fn extension(&mut self) -> Result<Vec<u8>, ArchiveProblem> {
        if self.unread > LONGEST_EXTENSION {
            return Err(damaged_header("an extended header is too long"));
        }
        let mut content = Vec::new();
        self.read_to_end(&mut content).map_err(|error| self.problem(error))?;
        if content.last() == Some(&0) {
            content.pop();
        }
        Ok(content)
    }

    fn skip(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink())?;
        self.unread = std::mem::take(&mut self.padding);
        io::copy(self, &mut io::sink()).map(|_| ())
    }

    fn problem(&self, error: io::Error) -> ArchiveProblem {
        ArchiveProblem::in_reading("the list of its members", self.compression, error)
    }
}

impl<S: Read> Read for Members<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.unread).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..most).filter(|buffer| !buffer.is_empty()) else {
            return Ok(0);
        };
        match self.stream.read(buffer)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                self.unread -= read as u64;
                Ok(read)
            }
        }
    }
}

impl Extensions {
    fn add(&mut self, records: &[u8]) -> Result<(), ArchiveProblem> {
        for record in PaxExtensions::new(records) {
            let record = record.map_err(damaged_header)?;
            match record.key_bytes() {
                b"path" => self.name = Some(record.value_bytes().to_vec()),
                b"linkpath" => self.target = Some(record.value_bytes().to_vec()),
                b"size" => {
                    self.size = Some(
                        record
                            .value()
                            .ok()
                            .and_then(|text| text.parse().ok())
                            .ok_or_else(|| damaged_header("an extended header has a size that is not a number"))?,
                    )
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn has_right_checksum(header: &Header) -> bool {
    let mut blank = header.clone();
    blank.set_cksum();
    matches!((header.cksum(), blank.cksum()), (Ok(found), Ok(right)) if found == right)
}

fn damaged_header(reason: impl ToString) -> ArchiveProblem {
    ArchiveProblem::Damaged { part: "the list of its members".to_owned(), reason: reason.to_string() }
}
