//! What a role may do in the console. Today there is one role, and this is the only place that knows.

use types::{Error, Kind, Result};

/// A permission, by the name that the console sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// See agents, jobs, apps and scope mappings.
    View,
    /// Import, train, delete and export agents, talk to drafts.
    Agents,
    /// Publish agents.
    Publish,
    /// Make and change client apps, links and scope mappings.
    Apps,
    /// See and rotate client secrets.
    Secrets,
    /// See who did what.
    Audit,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 6] = [
        Self::View,
        Self::Agents,
        Self::Publish,
        Self::Apps,
        Self::Secrets,
        Self::Audit,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Agents => "agents",
            Self::Publish => "publish",
            Self::Apps => "apps",
            Self::Secrets => "secrets",
            Self::Audit => "audit",
        }
    }
}

/// What a role may do.
pub fn of_role(role: &str) -> &'static [Permission] {
    match role {
        "owner" => &Permission::ALL,
        _ => &[],
    }
}

/// Lets a role pass or not.
///
/// # Errors
/// Forbidden, with the permission that is missing.
pub fn check(role: &str, permission: Permission) -> Result<()> {
    if of_role(role).contains(&permission) {
        return Ok(());
    }
    let name = permission.name();
    Err(Error::new(
        Kind::Forbidden,
        format!("You need the permission {name:?}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_may_everything_and_an_unknown_role_nothing() {
        for permission in Permission::ALL {
            assert!(check("owner", permission).is_ok());
            assert_eq!(
                check("guest", permission).expect_err("no role").kind,
                Kind::Forbidden
            );
        }
    }
}
