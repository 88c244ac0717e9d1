//! What a device model can do, as data rows (PL-15).
//!
//! Invariant: no `if model == …` anywhere else; whoever needs to know reads a column. A column that no published text
//! settles is `None`, which means *ask the hardware*, never *no*.

use std::fmt;
use std::str::FromStr;

use super::near::nearest;

/// One row: a model and what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// The name as the device's documentation writes it.
    pub name: &'static str,
    /// Whether the channel may run over IPv6.
    pub ipv6_transport: Ipv6Transport,
    /// Whether the model resolves IPv6 neighbours.
    pub nd: Option<bool>,
    /// Whether the model has VXLAN, hence VBDIF interfaces.
    pub vxlan: Option<bool>,
    /// How many host entries its table holds; otherwise the ASIC is asked through SAI.
    pub host_entries: Option<u32>,
    /// How many of them an IPv6 host takes.
    pub v6_entries: Option<u8>,
}

/// Whether a model takes `peer-link source ipv6` (PL-15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ipv6Transport {
    /// Never.
    No,
    /// In every forwarding mode.
    Yes,
    /// In the standard forwarding mode only.
    StandardModeOnly,
}

impl Ipv6Transport {
    /// Whether the form is allowed in `mode`.
    pub fn allowed_in(self, mode: ForwardingMode) -> bool {
        match self {
            Self::No => false,
            Self::Yes => true,
            Self::StandardModeOnly => mode == ForwardingMode::Standard,
        }
    }
}

/// How the device forwards; only the CE6885-LL has a choice that matters here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ForwardingMode {
    /// The mode that every model has.
    #[default]
    Standard,
    /// Fewer features for less delay.
    LowLatency,
}

impl fmt::Display for ForwardingMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Standard => "standard",
            Self::LowLatency => "low-latency",
        })
    }
}

impl FromStr for ForwardingMode {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let modes = [Self::Standard, Self::LowLatency];
        let found = modes.into_iter().find(|mode| mode.to_string().eq_ignore_ascii_case(text));
        found
            .ok_or_else(|| UnknownName::new("forwarding mode", text, ["standard", "low-latency"].into_iter()))
    }
}

/// A model or forwarding mode that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("There is no {what} {name:?}; {}", advice(near, known))]
pub struct UnknownName {
    /// `model` or `forwarding mode`.
    pub what: &'static str,
    /// What was asked for, cut to a showable length.
    pub name: String,
    /// The names it may have meant, the nearest first.
    pub near: Vec<&'static str>,
    /// Every name there is.
    pub known: Vec<&'static str>,
}

impl UnknownName {
    fn new(what: &'static str, name: &str, known: impl Iterator<Item = &'static str> + Clone) -> Self {
        let near = nearest(name, known.clone(), 4);
        Self { what, name: name.chars().take(40).collect(), near, known: known.collect() }
    }

    /// The requirement behind the list.
    pub fn requirement(&self) -> &'static str {
        "PL-15"
    }
}

fn advice(near: &[&str], known: &[&str]) -> String {
    match near {
        [] => format!("the known ones are {}.", known.join(", ")),
        near => format!("did you mean {}?", near.join(" or ")),
    }
}

impl Model {
    /// The row called `name`; case does not count.
    pub fn named(name: &str) -> Result<&'static Model, UnknownName> {
        let found = MODELS.iter().find(|model| model.name.eq_ignore_ascii_case(name.trim()));
        found.ok_or_else(|| UnknownName::new("model", name, MODELS.iter().map(|model| model.name)))
    }

    /// Every row, `generic` first.
    pub fn all() -> &'static [Model] {
        MODELS
    }

    /// A device that no row describes: allowed everything, and the hardware is asked.
    pub fn generic() -> &'static Model {
        &MODELS[0]
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

const GENERIC: Model = Model {
    name: "generic",
    ipv6_transport: Ipv6Transport::Yes,
    nd: Some(true),
    vxlan: Some(true),
    host_entries: None,
    v6_entries: None,
};

const fn row(name: &'static str, ipv6_transport: Ipv6Transport) -> Model {
    Model { name, ipv6_transport, nd: None, vxlan: None, host_entries: None, v6_entries: None }
}

/// The command reference lists the models that have the ipv6 form, and the list is meant to be complete. The last rows
/// are models of the same series that it leaves out: they take the ip form only.
const MODELS: &[Model] = &[
    GENERIC,
    row("CE6863H", Ipv6Transport::Yes),
    row("CE6863H-K", Ipv6Transport::Yes),
    row("CE6860-SAN", Ipv6Transport::Yes),
    row("CE6866K", Ipv6Transport::Yes),
    row("CE6866", Ipv6Transport::Yes),
    row("CE6860-HAM", Ipv6Transport::Yes),
    row("CE6855-48XS8CQ", Ipv6Transport::Yes),
    row("CE6885-SAN", Ipv6Transport::Yes),
    row("CE8850-SAN", Ipv6Transport::Yes),
    row("CE8855", Ipv6Transport::Yes),
    row("CE8851-32CQ4BQ", Ipv6Transport::Yes),
    row("CE8851K", Ipv6Transport::Yes),
    row("CE8851-32CQ8DQ-P", Ipv6Transport::Yes),
    row("CE8850-HAM", Ipv6Transport::Yes),
    row("CE6881H", Ipv6Transport::Yes),
    row("CE6881H-K", Ipv6Transport::Yes),
    row("CE6820H", Ipv6Transport::Yes),
    row("CE6820H-K", Ipv6Transport::Yes),
    row("CE6820S", Ipv6Transport::Yes),
    row("CE6885", Ipv6Transport::Yes),
    row("CE6885-T", Ipv6Transport::Yes),
    row("CE6885-LL", Ipv6Transport::StandardModeOnly),
    row("CE6863E-48S8CQ", Ipv6Transport::Yes),
    row("CE6820-48S6CQ", Ipv6Transport::No),
    row("CE6857F-48S6CQ", Ipv6Transport::No),
    row("CE6863-48S6CQ", Ipv6Transport::No),
    row("CE6881-48S6CQ", Ipv6Transport::No),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found_in_any_case() {
        for model in Model::all() {
            assert_eq!(Model::named(&model.name.to_lowercase()).map(|m| m.name), Ok(model.name));
        }
        assert_eq!(Model::generic().name, "generic");
    }

    #[test]
    fn an_unknown_model_lists_the_near_names() {
        let error = Model::named("CE6866-48S8CQ-P").expect_err("a full device name is not a row");
        assert_eq!(error.near.first(), Some(&"CE6866"));
        assert!(
            error.to_string().starts_with("There is no model \"CE6866-48S8CQ-P\"; did you mean CE6866 or ")
        );
        let error = Model::named("CE6885LL").expect_err("a dash is missing");
        assert_eq!(error.near.first(), Some(&"CE6885-LL"));
        assert_eq!(error.requirement(), "PL-15");
    }

    #[test]
    fn a_name_like_none_lists_all() {
        let error = Model::named("toaster").expect_err("no such model").to_string();
        assert!(error.contains("generic, CE6863H,") && error.contains("CE6863E-48S8CQ"), "{error}");
    }

    #[test]
    fn forwarding_modes_round_trip() {
        for mode in [ForwardingMode::Standard, ForwardingMode::LowLatency] {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        let error = "standart".parse::<ForwardingMode>().expect_err("a slip");
        assert_eq!(error.near, ["standard"]);
    }
}
