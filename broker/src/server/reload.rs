//! What a running broker takes over from changed settings.

use super::{Broker, Config, unix_now_signed};
use crate::{certificate::Certificate, metrics::Count, problem::Problem, web::company::Offer};

impl Broker {
    /// Takes over what can be changed while the broker runs: limits, the
    /// certificate for browsers, the plan of backups and the company's page. All or nothing: if
    /// something is wrong, the log says what, and what was stays in force.
    pub fn reload(&self, config: Result<Config, Problem>) {
        match config.and_then(|config| self.take_over(&config)) {
            Ok(later) => {
                self.hall.metrics.count(Count::Reloaded);
                tracing::info!("the settings were read again");
                for key in later {
                    tracing::warn!(key, "this setting has changed and needs a restart");
                }
            }
            Err(problem) => {
                self.hall.metrics.count(Count::ReloadFailed);
                tracing::error!(%problem, "the new settings are wrong; those before stay in force");
            }
        }
    }

    /// Gives the settings that need a restart.
    fn take_over(&self, new: &Config) -> Result<Vec<&'static str>, Problem> {
        let given = new.certificate.as_ref().map(|files| Certificate::read(files, unix_now_signed())).transpose()?;
        let offer = Offer::read(new, &self.connect_string, &self.hall.metrics)?;
        self.hall.limits().set_policy(new.limits);
        // What the authority gave stays.
        if self.config.acme.is_none() {
            self.site.certificates.replace(given);
        }
        self.site.replace_offer(offer);
        self.backup_plan.send_replace(new.backup.clone());
        let old = &self.config;
        let changed = [
            ("relay.listen", old.listen != new.listen),
            ("relay.public_host", old.public_host != new.public_host),
            ("relay.number_seconds", old.rules.number_life != new.rules.number_life),
            ("relay.resume_seconds", old.rules.rejoin_window != new.rules.rejoin_window),
            ("relay.drain_seconds", old.drain != new.drain),
            ("company.name", new.organisation.is_some() && old.organisation != new.organisation),
            ("admin.listen", old.admin != new.admin),
            ("audit.head_file", old.audit_head != new.audit_head),
            ("acme", old.acme != new.acme),
            ("audit.syslog", old.audit_syslog != new.audit_syslog),
            ("audit.keep_days", old.audit_keep_days != new.audit_keep_days),
            ("accounts.new_workplaces", old.new_workplaces != new.new_workplaces),
        ];
        Ok(changed.into_iter().filter_map(|(key, changed)| changed.then_some(key)).collect())
    }
}
