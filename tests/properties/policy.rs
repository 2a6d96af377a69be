//! A site's policy: whatever the bytes are, it is a policy as a whole or none, and it only takes away.

use landfall::diagnostics::Document;
use landfall::plan::model::Plan;
use landfall::policy::{Places, Site, judge, read, told};
use std::sync::LazyLock;

static PLAN: LazyLock<Plan> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../plans/every-field.json")).unwrap());

pub fn holds(bytes: &[u8]) {
    match read("policy.json", bytes) {
        Ok(site) => it_is_one(&site),
        Err(wrong) => {
            let (source, findings) = *wrong;
            assert!(!findings.is_empty(), "refused without a word: {:?}", source.text());
            assert!(findings.iter().all(|finding| finding.document == Document::Policy), "{findings:?}");
        }
    }
}

fn it_is_one(site: &Site) {
    let written = serde_json::to_string(&site.policy).unwrap();
    let again = read("policy.json", written.as_bytes()).map_err(|wrong| wrong.1);
    assert_eq!(again.unwrap().policy, site.policy);
    let told = told(Some(site));
    let findings = judge(site, &PLAN, &Places::default());
    for finding in &findings {
        let code = finding.code.text();
        assert!(("LF151"..="LF161").contains(&code), "{finding:?}");
        let member = finding.help.split('`').nth(1).unwrap_or_default();
        let limits = |told: &&landfall::policy::Told| told.member == member && told.limits && told.line.is_some();
        assert!(told.iter().any(|told| limits(&told)), "{finding:?}: {member} limits nothing");
    }
    if told.iter().all(|told| !told.limits) {
        assert!(findings.is_empty(), "what limits nothing forbids something: {findings:?}");
    }
}
