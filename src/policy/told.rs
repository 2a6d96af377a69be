//! What a policy means, member by member, in sentences. Reads nothing, changes nothing.

use super::{LogPurge, Policy, Site};
use crate::plan::model::Teardown;
use std::fmt::Display;

/// A member of a policy, and what it means here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The member's name.
    pub member: &'static str,
    /// The line that it stands on, from 1; `None` where it is left out.
    pub line: Option<usize>,
    /// Whether it takes anything away from what plans may ask for.
    pub limits: bool,
    /// What plans may ask for.
    pub says: String,
}

/// What each member of a policy means, in the order of the model. Without a policy, what plans may ask for then.
pub fn told(site: Option<&Site>) -> Vec<Told> {
    let nothing = Policy::default();
    let meanings = meanings(site.map_or(&nothing, |site| &site.policy));
    let one = |(member, limits, says): Meaning| {
        let line = site.filter(|site| site.has(member)).map(|site| site.line_of(member));
        Told { member, line, limits, says }
    };
    meanings.into_iter().map(one).collect()
}

/// A member, whether it limits anything, and what it means.
type Meaning = (&'static str, bool, String);

#[allow(clippy::too_many_lines, reason = "a sentence or two for each member")]
fn meanings(policy: &Policy) -> Vec<Meaning> {
    let Policy {
        schema: _,
        version: _,
        plans,
        teardown,
        data_roots,
        read_only_roots,
        file_folders,
        registries,
        archive_folders,
        archive_hosts,
        build,
        unpinned_images,
        unverified_tls,
        cap_add,
        new_privileges,
        container_root,
        devices,
        host_ports,
        subnets,
        check_hosts,
        smtp_hosts,
        mail_to,
        ssh_keys,
        log_purge,
        log_keep,
        memory,
        cpus,
        pids,
        ulimits,
        sysctls,
    } = policy;
    let scopes = teardown.as_ref().map(|scopes| scopes.iter().map(scope).collect::<Vec<_>>());
    let logs = log_purge.as_ref().map(|logs| logs.iter().map(log).collect::<Vec<_>>());
    let roots = read_only_roots.clone().unwrap_or_default();
    let read_only = match (data_roots, roots.as_slice()) {
        (None, _) => "data that is only read may lie wherever other data may".to_owned(),
        (Some(_), []) => "data that is only read may lie nowhere else".to_owned(),
        (Some(_), roots) => format!("data that is only read may also lie in {}", listed(roots)),
    };
    let cores = cpus.map(f64::from);
    vec![
        list("plans", plans, "a plan may have any name", "a plan may only be called"),
        list("teardown", &scopes, "a plan may dispose of everything on the server", "a plan may only dispose of its"),
        list(
            "data_roots",
            data_roots,
            "data may lie anywhere but in the system's own directories",
            "data may only lie in",
        ),
        ("read_only_roots", data_roots.is_some(), read_only),
        list(
            "file_folders",
            file_folders,
            "configs, certificates and build contexts may be any files that root can read",
            "configs, certificates and build contexts may only lie in the plan's own folder or in",
        ),
        list("registries", registries, "images may come from any registry", "images may only be pulled from"),
        list("archive_folders", archive_folders, "image archives may lie anywhere", "image archives may only lie in"),
        list(
            "archive_hosts",
            archive_hosts,
            "image archives may be fetched from any server",
            "image archives may only be fetched from",
        ),
        switch("build", *build, "images may be built here, by commands that run as root", "no image is built here"),
        switch(
            "unpinned_images",
            *unpinned_images,
            "an image may be named by what can be another one tomorrow",
            "every image must be pinned",
        ),
        switch(
            "unverified_tls",
            *unverified_tls,
            "a plan may do without verified certificates, and mail without encryption",
            "certificates are always verified, and mail is always encrypted",
        ),
        list("cap_add", cap_add, "a service may add any capability", "a service may only add"),
        switch(
            "new_privileges",
            *new_privileges,
            "a service may let its processes gain privileges",
            "no process of a service gains privileges",
        ),
        switch(
            "container_root",
            *container_root,
            "a service may run as root in its container",
            "no service runs as root in its container",
        ),
        list("devices", devices, "a service may have any device", "a service may only have"),
        list("host_ports", host_ports, "a service may publish any port", "a service may only publish"),
        list(
            "subnets",
            subnets,
            "a plan's network may have any addresses",
            "a plan's network may only have addresses in",
        ),
        list(
            "check_hosts",
            check_hosts,
            "health checks may ask any server",
            "health checks may only ask the plan's own services and",
        ),
        list(
            "smtp_hosts",
            smtp_hosts,
            "mail may go by any mail server",
            "mail may only go by the system's sendmail and",
        ),
        list("mail_to", mail_to, "mail may go to anybody", "mail may only go to"),
        switch("ssh_keys", *ssh_keys, "a plan may put keys into /root/.ssh", "no plan puts keys into /root/.ssh"),
        list("log_purge", &logs, "a clean-up may purge all logs", "a clean-up may only purge"),
        most(
            "log_keep",
            log_keep.as_ref(),
            "a clean-up keeps logs as short as a plan says",
            "a clean-up keeps logs at least",
        ),
        most(
            "memory",
            memory.as_ref(),
            "a service may have all memory",
            "a service must have a limit of memory, at most",
        ),
        most(
            "cpus",
            cores.as_ref(),
            "a service may have all processors",
            "a service must have a limit of processors, at most",
        ),
        most(
            "pids",
            pids.as_ref(),
            "a service may have as many processes as the engine lets it",
            "a service must have a limit of processes, at most",
        ),
        list("ulimits", ulimits, "a service may set any resource limit", "a service may only set the resource limits"),
        list(
            "sysctls",
            sysctls,
            "a service may set any kernel setting of its own",
            "a service may only set the kernel settings",
        ),
    ]
}

fn list<T: Display>(member: &'static str, allowed: &Option<Vec<T>>, open: &str, lead: &str) -> Meaning {
    match allowed {
        None => (member, false, open.to_owned()),
        Some(allowed) => (member, true, format!("{lead} {}", listed(allowed))),
    }
}

fn switch(member: &'static str, allowed: bool, open: &str, closed: &str) -> Meaning {
    (member, !allowed, if allowed { open } else { closed }.to_owned())
}

fn most<T: Display>(member: &'static str, bound: Option<&T>, open: &str, lead: &str) -> Meaning {
    match bound {
        None => (member, false, open.to_owned()),
        Some(bound) => (member, true, format!("{lead} {bound}")),
    }
}

fn listed<T: Display>(names: &[T]) -> String {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn scope(scope: &Teardown) -> &'static str {
    match scope {
        Teardown::Plan => "own (plan)",
        Teardown::Node => "server's (node)",
    }
}

fn log(log: &LogPurge) -> &'static str {
    match log {
        LogPurge::Syslog => "the syslog",
        LogPurge::Auth => "the logs of authentication and audit",
    }
}

#[cfg(test)]
mod tests {
    use super::{Told, told};
    use crate::policy::{read, schema};
    use pretty_assertions::assert_eq;

    #[test]
    fn every_member_of_the_schema_is_told_in_its_order_with_and_without_a_policy() {
        let schema = schema::policy();
        let known = schema["properties"].as_object().unwrap().keys();
        let mut known: Vec<_> = known.filter(|name| !["$schema", "version"].contains(&name.as_str())).collect();
        let all = told(None);
        let mut names: Vec<_> = all.iter().map(|told| told.member).collect();
        names.sort_unstable();
        known.sort_unstable();
        assert_eq!(names, known);
        assert!(all.iter().all(|told| !told.limits && told.line.is_none()), "{all:#?}");
    }

    #[test]
    fn the_policy_to_begin_with_is_right_and_limits_everything() {
        let site = read("policy.json", schema::EXAMPLE.as_bytes()).unwrap();
        let open: Vec<_> = told(Some(&site)).into_iter().filter(|told| !told.limits || told.line.is_none()).collect();
        assert_eq!(open, Vec::<Told>::new());
    }

    #[test]
    fn a_member_is_told_with_its_line() {
        let site = read("policy.json", b"{\n  \"version\": 1,\n  \"data_roots\": [\"/srv\", \"/data\"]\n}\n").unwrap();
        let of = |member: &str| told(Some(&site)).into_iter().find(|told| told.member == member).unwrap();
        let says = "data may only lie in /srv and /data".to_owned();
        assert_eq!(of("data_roots"), Told { member: "data_roots", line: Some(3), limits: true, says });
        let says = "data that is only read may lie nowhere else".to_owned();
        assert_eq!(of("read_only_roots"), Told { member: "read_only_roots", line: None, limits: true, says });
    }
}
