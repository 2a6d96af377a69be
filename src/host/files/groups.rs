//! Whether a group is one user alone. Reads only.
//!
//! Where each user has a group of its own, files are made writable by it, and `go-w` everywhere would be a nuisance
//! without a gain.

/// Whether nobody but one of `owners` is in group `gid`, which is not root's.
pub(super) fn is_private(gid: u32, owners: &[u32]) -> bool {
    let read = |path| std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    consists_of_one(&read("/etc/passwd"), &read("/etc/group"), gid, owners)
}

fn consists_of_one(passwd: &str, group: &str, gid: u32, owners: &[u32]) -> bool {
    let field = |line: &str, position: usize| line.split(':').nth(position).unwrap_or_default().trim().to_owned();
    let number = gid.to_string();
    let users: Vec<&str> = passwd.lines().filter(|line| field(line, 3) == number).collect();
    let groups: Vec<&str> = group.lines().filter(|line| field(line, 2) == number).collect();
    let ([user], [group]) = (users.as_slice(), groups.as_slice()) else { return false };
    let name = field(user, 0);
    let members = field(group, 3);
    gid != 0
        && field(user, 2).parse().is_ok_and(|uid: u32| owners.contains(&uid))
        && field(group, 0) == name
        && members.split(',').all(|member| member.is_empty() || member == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\n\
        bob:x:1001:1001::/home/bob:/bin/bash\neve:x:1002:1003::/home/eve:/bin/bash\nmal:x:1004:1003::/:/bin/sh\n";
    const GROUP: &str = "root:x:0:\nann:x:1000:ann\nbob:x:1001:bob,mal\neve:x:1003:\nstaff:x:50:\n";

    #[test]
    fn only_a_group_of_one_trusted_user_alone_is_private() {
        let private = |gid, uid| consists_of_one(PASSWD, GROUP, gid, &[0, uid]);
        assert!(private(1000, 1000));
        let not: Vec<bool> = [
            private(1000, 1001), // not trusted
            private(1001, 1001), // with another member
            private(1003, 1002), // another user's group as well
            private(50, 1000),   // nobody's own
            private(0, 0),       // root's
            private(7, 7),       // unknown
        ]
        .to_vec();
        assert_eq!(not, [false; 6]);
        assert!(!consists_of_one(PASSWD, "friends:x:1000:\n", 1000, &[1000]));
    }
}
