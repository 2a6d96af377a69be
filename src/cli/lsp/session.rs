//! The life of a session: what may be said when, what is answered, and what the client is told without asking.

use super::client::Client;
use super::diagnostics;
use super::documents::Documents;
use super::features;
use super::guard::guarded;
use super::subject::Subject;
use super::text::Text;
use super::verdicts::{self, Verdict};
use super::wire::{self, ErrorCode, Incoming};
use crate::exit::Exit;
use crate::few::Few;
use lsp_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, MessageType,
    PublishDiagnosticsParams,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where in its life a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing but `initialize` is answered.
    New,
    /// Everything is.
    Running,
    /// Nothing is; `exit` is all that is left.
    ShutDown,
    /// The client said so.
    Ended,
}

/// A refusal of a request: the number and the words.
pub type Refusal = (ErrorCode, String);

/// A session with one client.
#[derive(Debug)]
pub struct Session {
    phase: Phase,
    ended_well: bool,
    client: Client,
    documents: Documents,
    /// What is wrong with what, by name; up to date unless something is stale.
    verdicts: BTreeMap<String, Verdict>,
    /// The verdicts on each plan and its secrets file, which the others are made from.
    plans: BTreeMap<String, (Verdict, Option<Verdict>)>,
    /// What was opened, changed or closed since the verdicts were made. The client is told of these in any case.
    stale: BTreeSet<String>,
    /// What the client was told last, by name.
    told: BTreeMap<String, PublishDiagnosticsParams>,
    outbox: Vec<Value>,
}

impl Session {
    /// A session that has not begun.
    pub fn new() -> Self {
        Self {
            phase: Phase::New,
            ended_well: false,
            client: Client::default(),
            documents: Documents::default(),
            verdicts: BTreeMap::new(),
            plans: BTreeMap::new(),
            stale: BTreeSet::new(),
            told: BTreeMap::new(),
            outbox: Vec::new(),
        }
    }

    /// How the program ends, once the client said that it should.
    pub fn ended(&self) -> Option<Exit> {
        let exit = if self.ended_well { Exit::Done } else { Exit::Failed };
        (self.phase == Phase::Ended).then_some(exit)
    }

    /// What is to be sent, in order.
    pub fn outgoing(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.outbox)
    }

    /// Takes one message in. `cancelled` says that the client does not want its answer any more.
    pub fn take(&mut self, message: Incoming, cancelled: bool) {
        match message {
            Incoming::Request { id, method, params } => {
                let answer = if cancelled {
                    Err((ErrorCode::Cancelled, "cancelled".to_owned()))
                } else {
                    let answer = guarded(|| self.request(&method, params));
                    answer.unwrap_or_else(|defect| Err((ErrorCode::Internal, self.defect(&method, &defect))))
                };
                self.outbox.push(match answer {
                    Ok(result) => wire::answer(&id, result),
                    Err((code, message)) => wire::refusal(&id, code, &message),
                });
            }
            Incoming::Notification { method, params } => match guarded(|| self.notification(&method, params)) {
                Ok(Ok(())) => {}
                Ok(Err((_, reason))) => self.log(MessageType::WARNING, &reason),
                Err(defect) => drop(self.defect(&method, &defect)),
            },
            Incoming::Response => {}
            Incoming::Malformed { id, code, reason } => {
                self.outbox.push(wire::refusal(&id, code, &reason));
                self.log(MessageType::WARNING, &reason);
            }
        }
    }

    /// Judges what has changed, and tells the client what is wrong with it now.
    pub fn settle(&mut self) {
        if self.stale.is_empty() {
            return;
        }
        self.judge();
        let tell = |verdict: &Verdict| diagnostics::published(verdict, &self.client);
        let now: BTreeMap<_, _> = self.verdicts.iter().map(|(uri, verdict)| (uri.clone(), tell(verdict))).gathered();
        for (uri, before) in &self.told {
            if !now.contains_key(uri) && !before.diagnostics.is_empty() {
                let uri = before.uri.clone();
                let nothing = PublishDiagnosticsParams { uri, diagnostics: Vec::new(), version: None };
                self.outbox.push(publication(&nothing));
            }
        }
        for (uri, params) in &now {
            let before = self.told.get(uri).map(|before| before.diagnostics.as_slice()).unwrap_or_default();
            if self.stale.contains(uri) || before != params.diagnostics {
                self.outbox.push(publication(params));
            }
        }
        self.told = now;
        self.stale.clear();
    }

    fn judge(&mut self) {
        self.documents.tell_apart(verdicts::is_a_plan);
        let is_plan =
            |uri: &String| self.documents.iter().any(|open| open.uri.as_str() == uri && open.subject == Subject::Plan);
        // A plan concerns nobody but itself; a secrets file, or what is not open, may concern every plan.
        let before = std::mem::take(&mut self.plans);
        let everything = !self.stale.iter().all(is_plan);
        let (mut secrets, mut defects) = (Vec::new(), Vec::new());
        for document in self.documents.iter() {
            let uri = document.uri.as_str();
            let kept = before.get(uri).filter(|_| !everything && !self.stale.contains(uri));
            let judged = guarded(|| match (document.subject, kept) {
                (Subject::Plan, Some(kept)) => drop(self.plans.insert(uri.to_owned(), kept.clone())),
                (Subject::Plan, None) => {
                    let verdicts = verdicts::of_plan(document, &self.documents, self.client.encoding);
                    self.plans.insert(uri.to_owned(), verdicts);
                }
                (Subject::Secrets, _) => secrets.push(verdicts::of_secrets(document)),
                (Subject::Other, _) => {}
            });
            defects.extend(judged.err());
        }
        for defect in defects {
            self.defect("a check", &defect);
        }
        self.verdicts = verdicts::together(self.plans.values(), secrets);
    }

    fn request(&mut self, method: &str, params: Value) -> Result<Value, Refusal> {
        match (self.phase, method) {
            (Phase::New, "initialize") => {
                self.client = Client::of(&params);
                self.phase = Phase::Running;
                Ok(features::initialized(&self.client))
            }
            (Phase::New, _) => Err((ErrorCode::NotInitialized, "`initialize` comes first".to_owned())),
            (Phase::Running, "initialize") => {
                Err((ErrorCode::InvalidRequest, "the session has been initialized already".to_owned()))
            }
            (Phase::Running, "shutdown") => {
                self.phase = Phase::ShutDown;
                Ok(Value::Null)
            }
            (Phase::Running, _) => {
                // What the client has not seen yet must not be what it gets answers about.
                self.settle();
                let (client, documents, verdicts) = (&self.client, &self.documents, &self.verdicts);
                let (result, told) =
                    features::answer(method, &params, &features::Known { client, documents, verdicts })?;
                if let Some(told) = told {
                    let params = json!({ "type": MessageType::INFO, "message": told });
                    self.outbox.push(wire::notification("window/showMessage", params));
                }
                Ok(result)
            }
            (Phase::ShutDown | Phase::Ended, _) => {
                Err((ErrorCode::InvalidRequest, "the session has been shut down".to_owned()))
            }
        }
    }

    fn notification(&mut self, method: &str, params: Value) -> Result<(), Refusal> {
        if method == "exit" {
            self.ended_well = self.phase == Phase::ShutDown;
            self.phase = Phase::Ended;
        }
        if self.phase != Phase::Running {
            return Ok(());
        }
        match method {
            "textDocument/didOpen" => {
                let DidOpenTextDocumentParams { text_document: opened } = parameters(method, &params)?;
                self.stale.insert(opened.uri.as_str().to_owned());
                self.documents.open(opened.uri, opened.version, Text::new(opened.text, self.client.encoding));
            }
            "textDocument/didChange" => {
                let DidChangeTextDocumentParams { text_document: changed, content_changes } =
                    parameters(method, &params)?;
                self.stale.insert(changed.uri.as_str().to_owned());
                if !self.documents.change(&changed.uri, changed.version, content_changes) {
                    return Err((ErrorCode::InvalidParams, "a document was changed that is not open".to_owned()));
                }
            }
            "textDocument/didClose" => {
                let DidCloseTextDocumentParams { text_document: closed } = parameters(method, &params)?;
                self.stale.insert(closed.uri.as_str().to_owned());
                self.documents.close(&closed.uri);
            }
            // What lies beside the plans may be another now: nothing that was opened, but everything is looked at again.
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                self.stale.insert(String::new());
            }
            _ => {}
        }
        Ok(())
    }

    /// Tells the client of a defect, and gives the words back.
    fn defect(&mut self, during: &str, place: &str) -> String {
        let told = format!("a defect of Landfall during {during}, at {place}; please report it");
        self.log(MessageType::ERROR, &told);
        told
    }

    fn log(&mut self, kind: MessageType, message: &str) {
        let params = json!({ "type": kind, "message": format!("landfall: {message}") });
        self.outbox.push(wire::notification("window/logMessage", params));
    }
}

fn publication(params: &PublishDiagnosticsParams) -> Value {
    wire::notification("textDocument/publishDiagnostics", json!(params))
}

/// The parameters of a method. What is wrong with them is not quoted: they may hold a secrets file.
pub fn parameters<T: DeserializeOwned>(method: &str, params: &Value) -> Result<T, Refusal> {
    T::deserialize(params)
        .map_err(|_| (ErrorCode::InvalidParams, format!("the parameters of `{method}` are not those of the protocol")))
}
