//! What a role may do in the console. This is the only place that knows.

use types::{Error, Kind, Result};

/// A permission, by the name that the console sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// See agents, jobs, apps and scope mappings.
    View,
    /// Import, train, change, delete and export agents.
    Agents,
    /// Publish agents.
    Publish,
    /// Talk to drafts.
    Test,
    /// Make and change platform apps, their links and scope mappings.
    Apps,
    /// See and rotate the secrets of platform apps.
    Secrets,
    /// Make and change what reaches the whole account: admin and data apps with what they may do, keys, rules of security.
    Account,
    /// See who did what.
    Audit,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 8] = [
        Self::View,
        Self::Agents,
        Self::Publish,
        Self::Test,
        Self::Apps,
        Self::Secrets,
        Self::Account,
        Self::Audit,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Agents => "agents",
            Self::Publish => "publish",
            Self::Test => "test",
            Self::Apps => "apps",
            Self::Secrets => "secrets",
            Self::Account => "account",
            Self::Audit => "audit",
        }
    }
}

/// Every role. The owner made the account; the others are given.
pub const ROLES: [&str; 4] = ["owner", "admin", "developer", "tester"];

/// What a role may do (security.md section 9, admin.yaml): developers build and publish agents and set up the apps of agents,
/// testers look and talk to drafts.
pub fn of_role(role: &str) -> &'static [Permission] {
    use Permission::{Agents, Apps, Publish, Secrets, Test, View};
    match role {
        "owner" | "admin" => &Permission::ALL,
        "developer" => &[View, Agents, Publish, Test, Apps, Secrets],
        "tester" => &[View, Test],
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
    fn only_owners_and_admins_reach_what_is_of_the_whole_account() {
        for (role, may) in [
            ("owner", [true, true, true]),
            ("admin", [true, true, true]),
            ("developer", [true, true, false]),
            ("tester", [true, false, false]),
            ("Owner", [false, false, false]),
        ] {
            let asked = [Permission::View, Permission::Secrets, Permission::Account];
            assert_eq!(asked.map(|p| check(role, p).is_ok()), may, "{role}");
            assert_eq!(check(role, Permission::Audit).is_ok(), may[2], "{role}");
        }
    }

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
