//! Changes the description of a hub: its name, address, contact, accessibility, equipment, capacity.

use kernel::{OpContext, Permission, Position};
use serde::Serialize;

use super::change::{Fields, HubChange, Kind, Target, set};
use crate::{
    Accessibility, Address, Contact, Equipment, HubKind, Membership, MembershipError,
    app::{check_language, line, onboard_hub, slug},
    store::hub_change::Place,
};

/// The most languages and pieces of equipment that a hub lists.
const MOST_LISTED: usize = 100;
const LONGEST_PHONE: usize = 40;

/// The parts of the description to change; the others stay.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChangeHub {
    /// The display name.
    pub name: Option<String>,
    /// The legal entity that signs contracts.
    pub legal_name: Option<String>,
    /// The tax number.
    pub tax_number: Option<String>,
    /// The kind of hub.
    pub kind: Option<HubKind>,
    /// The hub's own language.
    pub language: Option<String>,
    /// The languages spoken there.
    pub languages: Option<Vec<String>>,
    /// The number of people in the catchment area.
    pub catchment_population: Option<u32>,
    /// The number of people who fit in at once.
    pub capacity: Option<u32>,
    /// Whether people are let in beyond the capacity.
    pub capacity_is_soft: Option<bool>,
    /// The postal address.
    pub address: Option<Address>,
    /// The position on the map.
    pub position: Option<Position>,
    /// How the public reaches the hub.
    pub contact: Option<Contact>,
    /// What helps people to get in and to stay.
    pub accessibility: Option<Accessibility>,
    /// What is there to be used.
    pub equipment: Option<Vec<Equipment>>,
}

impl Membership {
    /// Changes a hub's description. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` naming the field, or with `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.change_hub", skip_all)]
    pub async fn change_hub(
        &self,
        op: &OpContext,
        target: Target,
        cmd: ChangeHub,
    ) -> Result<HubChange, MembershipError> {
        let kind = Kind { operation: "changeHub", permission: Permission::ManageHub };
        let checked = cmd.clone().check()?;
        self.change(op, kind, target, &cmd, |place| describe(place, checked)).await
    }
}

impl ChangeHub {
    /// Checks and normalises every part.
    pub(super) fn check(mut self) -> Result<Self, MembershipError> {
        let text = |field: &str, text: Option<String>| text.map(|text| line(field, &text)).transpose();
        self.name = text("name", self.name)?;
        self.legal_name = text("legalName", self.legal_name)?;
        self.tax_number = text("taxNumber", self.tax_number)?;
        self.language.as_deref().map(check_language).transpose()?;
        self.capacity.map(onboard_hub::check_capacity).transpose()?;
        self.catchment_population
            .map(|count| onboard_hub::check_count("catchmentPopulation", count))
            .transpose()?;
        self.address = self.address.map(|address| onboard_hub::check_address(&address)).transpose()?;
        self.position.map(onboard_hub::check_position).transpose()?;
        self.contact = self.contact.map(check_contact).transpose()?;
        self.languages = self.languages.map(check_languages).transpose()?;
        self.equipment = self.equipment.map(check_equipment).transpose()?;
        Ok(self)
    }
}

/// Writes the checked parts into a place, and names those that differ.
pub(super) fn describe(place: &mut Place, cmd: ChangeHub) -> Result<Fields, MembershipError> {
    let mut fields = Fields::new();
    let hub = &mut place.hub;
    set(&mut fields, "name", &mut hub.name, cmd.name);
    set(&mut fields, "legalName", &mut hub.legal_name, cmd.legal_name);
    set(&mut fields, "taxNumber", &mut hub.tax_number, cmd.tax_number);
    set(&mut fields, "kind", &mut hub.kind, cmd.kind);
    set(&mut fields, "language", &mut hub.language, cmd.language);
    set(&mut fields, "languages", &mut hub.details.languages, cmd.languages);
    set(&mut fields, "catchmentPopulation", &mut hub.catchment_population, cmd.catchment_population);
    set(&mut fields, "capacity", &mut hub.capacity, cmd.capacity);
    set(&mut fields, "capacityIsSoft", &mut hub.capacity_is_soft, cmd.capacity_is_soft);
    set(&mut fields, "address", &mut hub.address, cmd.address);
    set(&mut fields, "position", &mut hub.position, cmd.position);
    set(&mut fields, "contact", &mut hub.details.contact, cmd.contact);
    set(&mut fields, "accessibility", &mut hub.details.accessibility, cmd.accessibility);
    set(&mut fields, "equipment", &mut hub.details.equipment, cmd.equipment);
    if fields.iter().any(|field| ["address", "position"].contains(field)) {
        // Holidays belong to a country, and the sun rises at a position.
        hub.evaluate_hours()?;
    }
    Ok(fields)
}

fn check_contact(contact: Contact) -> Result<Contact, MembershipError> {
    let email = contact.email.map(|email| kernel::EmailAddress::parse(&email)).transpose();
    let email = email.map_err(|error| MembershipError::invalid("contact.email", error))?;
    let phone = contact.phone.map(|phone| check_phone(&phone)).transpose()?;
    let website = contact.website.map(|website| check_website(&website)).transpose()?;
    Ok(Contact { email: email.map(|email| email.as_str().to_owned()), phone, website })
}

fn check_phone(phone: &str) -> Result<String, MembershipError> {
    let phone = line("contact.phone", phone)?;
    let fits = phone.chars().all(|sign| sign.is_ascii_digit() || "+ .-()/".contains(sign));
    if fits && phone.chars().any(|sign| sign.is_ascii_digit()) && phone.len() <= LONGEST_PHONE {
        Ok(phone)
    } else {
        Err(MembershipError::invalid(
            "contact.phone",
            "a telephone number: digits, with a plus, blanks, dots, dashes and brackets",
        ))
    }
}

fn check_website(website: &str) -> Result<String, MembershipError> {
    let website = line("contact.website", website)?;
    let address = website.strip_prefix("https://").or_else(|| website.strip_prefix("http://"));
    match address {
        Some(rest) if !rest.is_empty() && !rest.contains(char::is_whitespace) => Ok(website),
        _ => Err(MembershipError::invalid(
            "contact.website",
            "an address of the web that begins with https:// or http://",
        )),
    }
}

fn check_languages(languages: Vec<String>) -> Result<Vec<String>, MembershipError> {
    check_size("languages", languages.len())?;
    for (place, language) in languages.iter().enumerate() {
        let fits = language.len() == 2 && language.bytes().all(|letter| letter.is_ascii_lowercase());
        if !fits || languages.iter().take(place).any(|other| other == language) {
            return Err(MembershipError::invalid(
                format!("languages[{place}]"),
                "a language's two letters of ISO 639-1, such as de",
            ));
        }
    }
    Ok(languages)
}

fn check_equipment(equipment: Vec<Equipment>) -> Result<Vec<Equipment>, MembershipError> {
    check_size("equipment", equipment.len())?;
    let check = |(place, it): (usize, Equipment)| {
        let code = slug(&format!("equipment[{place}].code"), &it.code)?;
        let note = it.note.map(|note| line(&format!("equipment[{place}].note"), &note)).transpose()?;
        Ok(Equipment { code, note })
    };
    equipment.into_iter().enumerate().map(check).collect()
}

fn check_size(field: &str, size: usize) -> Result<(), MembershipError> {
    let fits = size <= MOST_LISTED;
    if fits { Ok(()) } else { Err(MembershipError::invalid(field, format!("at most {MOST_LISTED}"))) }
}
