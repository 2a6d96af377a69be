//! The values of the plan language: what is read is written as it means, and a cure that is told is one.

use jsonschema::Validator;
use landfall::plan::values::*;
use serde_json::json;
use std::fmt::Debug;
use std::{cell::RefCell, collections::HashMap, rc::Rc};

pub fn holds(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    every_kind(text);
}

macro_rules! each {
    ($($kind:ident)+) => {
        fn every_kind(text: &str) {
            $(kind_holds::<$kind>(text);)+
            assert_eq!(FORMATS.len(), [$($kind::FORM.format),+].len());
        }
    };
}

each! {
    Address AllowedDevice AllowedPorts ArchivePath Capability CommandName ContainerPath Device Digest Duration Email
    Endpoint EnvironmentName Host HostName HostPath HostsEntry HttpUrl WebLocation ImageId ImageReference JobName
    KeyFileName LabelKey Mode Owner PlanName PlanPath Port Recipient RegistryName RegistryPath Schedule SecretName ServiceName Sha256
    Signal Size SshLocation Subnet SysctlName TcpTarget User
}

fn kind_holds<K: Value + PartialEq + Debug>(text: &str) {
    let format = K::FORM.format;
    match K::parse(text) {
        Ok(value) => {
            let written = value.to_string();
            assert_eq!(K::parse(&written).as_ref(), Ok(&value), "{format} {text:?}");
            assert_eq!(K::parse(&written).unwrap().to_string(), written, "{format}");
            assert!(pattern_takes(&K::FORM, text), "{format} takes {text:?}, but not its pattern");
            assert!(pattern_takes(&K::FORM, &written), "{format} takes {written:?}, but not its pattern");
        }
        Err(problem) => {
            let told = format!("{}{}{}", problem.message, problem.label, problem.help);
            assert!(!problem.message.is_empty() && !told.contains(char::is_control), "{format} {text:?}: {problem:?}");
            // `…` stands for what only the author knows.
            let cure = problem.help.strip_prefix("write `").and_then(|cure| cure.strip_suffix('`'));
            if let Some(cure) = cure.filter(|cure| !cure.contains(['…', '`'])) {
                assert_eq!(K::parse(cure).err(), None, "{format}: {cure:?} is told as the cure of {text:?}");
            }
        }
    }
}

fn pattern_takes(form: &Form, text: &str) -> bool {
    thread_local!(static PATTERNS: RefCell<HashMap<&'static str, Rc<Validator>>> = RefCell::default());
    let compiled = || Rc::new(jsonschema::validator_for(&json!({"type": "string", "pattern": form.pattern})).unwrap());
    let validator = PATTERNS.with_borrow_mut(|patterns| patterns.entry(form.format).or_insert_with(compiled).clone());
    validator.is_valid(&text.into())
}
