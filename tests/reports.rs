//! The reports for other programs, of every plan that the tests have, read by programs that are not ours: SARIF by its own schema,
//! JUnit's XML by a parser of XML.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that can't go on must fail, and a test acts on the system"
)]

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Every plan that the tests have, and some with hostile names and values, in a folder of their own.
struct Plans {
    folder: tempfile::TempDir,
}

impl Plans {
    fn all() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for group in ["plans", "tests/plans/rejected", "tests/plans/warned"] {
            for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(group)).unwrap() {
                let path = file.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap();
                // The warnings about one plan are of the same name as its error.
                let copy = format!("{}-{name}", group.rsplit('/').next().unwrap());
                if name.ends_with(".json") && !name.ends_with(".secrets.json") {
                    fs::copy(&path, folder.path().join(copy)).unwrap();
                }
            }
        }
        let hostile = "{\"version\": 1, \"name\": \"\\u001b[31m]]><!--%0A::error::&\\u0001\\ufffe\", \"<a>\": 1}";
        for name in [&b"a b%0A]]>&<'\"\n::error.json"[..], b"not-\xff-utf-8.json", "\u{e9}\u{1f600}.json".as_bytes()] {
            fs::write(folder.path().join(OsStr::from_bytes(name)), hostile).unwrap();
        }
        Self { folder }
    }

    fn check(&self, format: &str, file: &str) -> (Option<i32>, PathBuf) {
        let mut check = Command::new(env!("CARGO_BIN_EXE_landfall"));
        let output = check.args(["check", ".", "--format", format]).current_dir(self.folder.path()).output().unwrap();
        let path = self.folder.path().join(file);
        fs::write(&path, &output.stdout).unwrap();
        (output.status.code(), path)
    }
}

fn tool(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("test-tools");
    assert!(folder.join("installed").exists(), "run scripts/install-test-tools");
    folder.join(name)
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// What `check --format json` finds of each severity.
fn findings(plans: &Plans) -> (usize, usize) {
    let (status, path) = plans.check("json", "report.txt");
    assert_eq!(status, Some(3));
    let report = read(&path);
    let of = |severity: &str| {
        let all = report["findings"].as_array().unwrap();
        all.iter().filter(|finding| finding["severity"] == *severity).count()
    };
    (of("error"), of("warning"))
}

#[test]
fn sarif_of_every_plan_is_valid_by_the_schema_of_sarif() {
    let plans = Plans::all();
    let (errors, warnings) = findings(&plans);
    let (status, path) = plans.check("sarif", "report.sarif");
    assert_eq!(status, Some(3));
    let schema = tool("node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");

    let validate = |path: &Path| -> Output {
        let mut validator = Command::new(tool("python/bin/check-jsonschema"));
        // One of the schema's own patterns is wrong by the strictest reading of patterns.
        validator.args(["--regex-variant", "nonunicode"]).arg("--schemafile").arg(&schema).arg(path).output().unwrap()
    };

    let valid = validate(&path);
    assert_eq!(valid.status.code(), Some(0), "{valid:?}");
    let mut report = read(&path);
    let results = report["runs"][0]["results"].as_array().unwrap().len();
    let told = report["runs"][0]["results"].as_array().unwrap();
    let of = |level: &str| told.iter().filter(|result| result["level"] == *level).count();
    assert_eq!((results, of("error"), of("warning")), (errors + warnings, errors, warnings));
    let fixes = told.iter().filter(|result| result["fixes"].is_array()).count();
    assert!(fixes > 50, "the schema has judged {fixes} results with fixes");
    // The schema can tell what is wrong.
    report["runs"][0]["results"][0]["level"] = json!("disaster");
    fs::write(&path, report.to_string()).unwrap();
    assert_eq!(validate(&path).status.code(), Some(1));
}

#[test]
fn junit_of_every_plan_is_xml_with_a_test_that_failed_for_each_error() {
    let plans = Plans::all();
    let (errors, _) = findings(&plans);
    let (status, path) = plans.check("junit", "report.xml");
    assert_eq!(status, Some(3));
    let count = "
import json, sys, xml.etree.ElementTree as tree
suites = tree.parse(sys.argv[1]).getroot()
tests = [test for suite in suites for test in suite if test.tag == 'testcase']
print(json.dumps({
    'said': [int(suites.get('tests')), int(suites.get('failures'))],
    'there': [len(tests), len([test for test in tests if test.find('failure') is not None])],
    'by suite': all([int(suite.get('tests')), int(suite.get('failures'))]
                    == [len(suite.findall('testcase')), len(suite.findall('testcase/failure'))] for suite in suites),
    'suites': len(suites),
}))";

    let counted = Command::new("python3").args(["-c", count]).arg(&path).output().unwrap();

    assert!(counted.status.success(), "{}", String::from_utf8_lossy(&counted.stderr));
    let counted: Value = serde_json::from_slice(&counted.stdout).unwrap();
    // As many files as `check` takes for plans.
    let plans = fs::read_dir(plans.folder.path()).unwrap();
    let plans = plans.filter(|file| file.as_ref().unwrap().path().extension() == Some(OsStr::new("json"))).count();
    let tests = counted["there"][0].as_u64().unwrap();
    assert_eq!(
        counted,
        json!({ "said": [tests, errors], "there": [tests, errors], "by suite": true, "suites": plans })
    );
}
