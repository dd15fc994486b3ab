//! Templates of hubs: what a hub of a kind usually begins with. Everything can be changed afterwards.
//!
//! Always true: the files in `templates/` are read as they are; a test reads each of them and makes a hub of it in every
//! language.

use std::collections::BTreeMap;

use kernel::Language;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::{
    Accessibility, Category, Equipment, HubKind, MembershipError, NewPlan, NewResource, NewSpace,
    ResourceKind, SpaceKind,
};

const COWORKING: &str = include_str!("../templates/coworking.json");
const LIBRARY: &str = include_str!("../templates/library.json");
const COMMUNITY: &str = include_str!("../templates/community.json");
const SOCIAL_ENTERPRISE: &str = include_str!("../templates/social_enterprise.json");

/// What a hub of a kind usually begins with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Template {
    pub opening_hours: Option<String>,
    #[serde(default)]
    pub accessibility: Accessibility,
    #[serde(default)]
    pub equipment: Vec<Equipment>,
    #[serde(default)]
    spaces: Vec<TemplateSpace>,
    #[serde(default)]
    plans: Vec<TemplatePlan>,
}

/// A name in each language, by its code.
type Names = BTreeMap<String, String>;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateSpace {
    code: String,
    name: Names,
    kind: SpaceKind,
    capacity: u32,
    #[serde(default)]
    resources: Vec<TemplateResource>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateResource {
    code: String,
    name: Names,
    kind: ResourceKind,
    count: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplatePlan {
    code: String,
    name: Names,
    included_minutes: u32,
    roaming: bool,
    #[serde(default)]
    categories: Vec<Category>,
}

impl Template {
    /// Returns the template of a kind of hub.
    pub(crate) fn of(kind: HubKind) -> Result<Self, MembershipError> {
        let text = match kind {
            HubKind::Coworking => COWORKING,
            HubKind::Library => LIBRARY,
            HubKind::Community => COMMUNITY,
            HubKind::SocialEnterprise => SOCIAL_ENTERPRISE,
        };
        Ok(serde_json::from_str(text)?)
    }

    /// The spaces with their resources, named in a language.
    pub(crate) fn spaces(&self, language: Language) -> Vec<NewSpace> {
        let space = |it: &TemplateSpace| NewSpace {
            code: it.code.clone(),
            name: named(&it.name, language),
            kind: it.kind,
            capacity: it.capacity,
            resources: it.resources.iter().flat_map(|one| one.each(language)).collect(),
        };
        self.spaces.iter().map(space).collect()
    }

    /// The plans, free of charge until somebody sets their fees.
    pub(crate) fn plans(&self, language: Language) -> Vec<NewPlan> {
        let plan = |it: &TemplatePlan| NewPlan {
            code: it.code.clone(),
            name: named(&it.name, language),
            monthly_fee: Decimal::ZERO,
            included_minutes: it.included_minutes,
            roaming: it.roaming,
            categories: it.categories.clone(),
        };
        self.plans.iter().map(plan).collect()
    }
}

impl TemplateResource {
    fn each(&self, language: Language) -> impl Iterator<Item = NewResource> {
        let name = named(&self.name, language);
        (1..=self.count).map(move |number| NewResource {
            code: format!("{}-{number}", self.code),
            name: format!("{name} {number}"),
            kind: self.kind,
        })
    }
}

/// A name in a language, else in English.
fn named(names: &Names, language: Language) -> String {
    names.get(language.code()).or_else(|| names.get("en")).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_hub_has_a_template_with_names_in_every_language() {
        for kind in [HubKind::Coworking, HubKind::Library, HubKind::Community, HubKind::SocialEnterprise] {
            let template = Template::of(kind).expect("a template");
            assert!(template.opening_hours.is_some(), "{kind:?}");
            let names = template.spaces.iter().flat_map(|space| {
                std::iter::once(&space.name).chain(space.resources.iter().map(|resource| &resource.name))
            });
            for names in names.chain(template.plans.iter().map(|plan| &plan.name)) {
                for language in Language::ALL {
                    assert!(names.contains_key(language.code()), "{kind:?}: {names:?} in {language}");
                }
            }
        }
    }
}
