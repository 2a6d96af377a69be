//! What is being deployed: the plan, its secrets and its files.

use crate::host::sources::Sources;
use crate::operation::{Layout, Program, SecretText};
use crate::plan::model::{HttpCheck, Plan, Probe};
use crate::plan::secrets::{Secrets, bytes_of};
use crate::plan::template::Template;
use crate::plan::values::{PlanPath, SecretName};
use crate::run::Failure;
use crate::script;
use crate::steps::Accepted;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::path::PathBuf;
use std::sync::Arc;

/// What is being deployed.
pub struct Deployment {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The secrets.
    pub secrets: Secrets,
    /// What goes on record of the plan.
    pub accepted: Accepted,
    /// The program of the run.
    pub program: Arc<Program>,
    /// The files that the plan names.
    pub sources: Sources,
}

impl Deployment {
    /// The value of a secret.
    ///
    /// # Errors
    /// When the secrets file does not have it, which step 1 rules out.
    pub fn secret(&self, name: &SecretName) -> Result<&SecretString, Failure> {
        self.secrets.get(name).ok_or_else(|| Failure::new(format!("the secret {name} is not in the secrets file")))
    }

    /// The bytes that go into the engine's store.
    ///
    /// # Errors
    /// When a secret is missing or not of its form, which step 1 rules out.
    pub fn secret_bytes(&self, text: &SecretText) -> Result<SecretSlice<u8>, Failure> {
        match text {
            SecretText::Value { secret, decode } => bytes_of(self.secret(secret)?, *decode)
                .map_err(|problem| Failure::new(format!("the secret {secret} {problem}"))),
            SecretText::Template(template) => {
                let template = Template::parse(template).map_err(|problem| Failure::new(problem.to_string()))?;
                let text = template.render(&self.secrets).map_err(|missing| Failure::new(missing.to_string()))?;
                bytes_of(&text, None).map_err(|problem| Failure::new(problem.to_string()))
            }
        }
    }

    /// What a key file holds.
    ///
    /// # Errors
    /// When the secret is missing, which step 1 rules out.
    pub fn key(&self, name: &SecretName) -> Result<Vec<u8>, Failure> {
        self.secret(name).map(super::key_content)
    }

    /// What curl reads to log in to the plan's mail server, where it must.
    ///
    /// # Errors
    /// When the password is missing or can't be written in that form, which step 1 rules out.
    pub fn mail_account(&self) -> Result<Option<String>, Failure> {
        let Some(server) = self.plan.maintenance.mail.as_ref().and_then(|mail| mail.smtp.as_ref()) else {
            return Ok(None);
        };
        let (Some(username), Some(password)) = (&server.username, &server.password) else { return Ok(None) };
        let password = self.secret(&password.secret)?;
        let account = script::mail_account(server, username, password.expose_secret());
        account.map(Some).map_err(|problem| Failure::new(problem.to_string()))
    }

    /// The certificate authorities that the jobs need, each with where its copy belongs.
    ///
    /// # Errors
    /// When one was not opened, which step 1 rules out.
    pub fn certificates(&self, layout: &Layout) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
        let mut wanted: Vec<(PathBuf, &PlanPath)> = Vec::new();
        for (name, service) in &self.plan.services {
            if let Some(Probe::Http(HttpCheck { url: _, status: _, headers: _, ca: Some(ca), tls_verify: _ })) =
                service.healthcheck.as_ref().map(|check| &check.probe)
            {
                wanted.push((script::check_authority(layout, name), ca));
            }
        }
        let server = self.plan.maintenance.mail.as_ref().and_then(|mail| mail.smtp.as_ref());
        wanted.extend(server.and_then(|server| server.ca.as_ref()).map(|ca| (script::mail_authority(layout), ca)));
        wanted.into_iter().map(|(path, ca)| Ok((path, self.sources.config(ca)?))).collect()
    }
}
