//! A vendor's bindings, completed: what its release lacks is taken from ours.
//!
//! The vendor's headers decide about everything that they have: values, layouts, the release. A name that they lack is
//! one of a later release, and whether a library has it is asked of the library at run time, whatever it was built
//! with. So the same code builds with the headers of every release, and no feature of it depends on them.
//!
//! Method tables are the one thing that is lengthened: a table that has nothing but members of ours is ours, whose
//! history is known member by member; one that goes on behind ours is the vendor's, of a later release.
//!
//! A structure or union that got a member where there was room for it (in the padding at its end; beside the members of a
//! union) has that member, too, so that what knows it compiles; its size, its alignment and the places of the vendor's
//! members stay as they are, which their own checks hold it to.
//!
//! Invariant: nothing of the vendor's is changed but the length of such tables, and no layout.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{Field, Fields, FieldsNamed, Ident, ImplItem, Item, ItemImpl, ItemStruct, Type};

/// The result.
pub(crate) struct Filled {
    /// The bindings.
    pub(crate) text: String,
    /// What the headers lack.
    pub(crate) lacking: Vec<String>,
}

/// Completes `theirs` with `ours`.
pub(crate) fn fill(theirs: &str, ours: &str, release: (u32, u32, u32)) -> Result<Filled, String> {
    let parse = |text| syn::parse_file(text).map_err(|e| format!("the generated bindings do not parse: {e}"));
    let (mut theirs, ours) = (parse(theirs)?, parse(ours)?);
    let known: BTreeSet<String> = theirs.items.iter().filter_map(name).map(Ident::to_string).collect();
    let constants = constants(&theirs.items);
    let mut lacking = Vec::new();
    let mut longer = Vec::new();
    let mut more = Vec::new();
    widen(&mut theirs.items, &ours.items, &mut lacking);

    for item in &ours.items {
        if let (Item::Struct(table), true) = (item, is_table(item)) {
            let same = theirs.items.iter().find_map(|item| match item {
                Item::Struct(theirs) if theirs.ident == table.ident => Some(theirs),
                _ => None,
            });
            if let Some(same) = same {
                let missing = compare(table, same)?;
                if !missing.is_empty() {
                    lacking.extend(missing.iter().map(|member| format!("{}::{member}", table.ident)));
                    longer.push(table.ident.clone());
                    more.push(item.clone());
                }
                continue;
            }
        }
        match item {
            Item::Const(constant) if constant.ident == "SAI_API_VERSION" => {
                if !known.contains("SAI_API_VERSION") {
                    let number = 10_000 * release.0 + 100 * release.1 + release.2;
                    let text = format!("pub const SAI_API_VERSION: sai_api_version_t = {number};");
                    more.push(syn::parse_str(&text).expect("a constant"));
                }
            }
            Item::Impl(body) => {
                let Some(of) = self_name(body) else { continue };
                if body.trait_.is_some() {
                    if !known.contains(&of) {
                        more.push(item.clone());
                    }
                    continue;
                }
                let had = constants.get(&of);
                let mut body = body.clone();
                body.items.retain(|item| match item {
                    ImplItem::Const(constant) => {
                        !had.is_some_and(|had| had.contains(&constant.ident.to_string()))
                    }
                    _ => !known.contains(&of),
                });
                if body.items.is_empty() {
                    continue;
                }
                if known.contains(&of) {
                    lacking.extend(body.items.iter().filter_map(|item| match item {
                        ImplItem::Const(constant) => Some(format!("{of}::{}", constant.ident)),
                        _ => None,
                    }));
                }
                more.push(Item::Impl(body));
            }
            _ => {
                if let Some(name) = name(item).filter(|name| !known.contains(&name.to_string())) {
                    lacking.push(name.to_string());
                    more.push(item.clone());
                }
            }
        }
    }
    theirs.items.retain(|item| !longer.iter().any(|table| is_about(item, table)));
    theirs.items.extend(more);
    Ok(Filled { text: prettyplease::unparse(&theirs), lacking })
}

/// Gives the vendor's structures and unions the members that they have room for, and names what they lack.
fn widen(theirs: &mut [Item], ours: &[Item], lacking: &mut Vec<String>) {
    let (their_sizes, our_sizes) = (sizes(theirs), sizes(ours));
    let ours: BTreeMap<String, (&FieldsNamed, bool)> =
        ours.iter().filter(|item| !is_table(item)).filter_map(fields).collect();
    for item in theirs {
        let (name, known, is_union) = match item {
            Item::Struct(ItemStruct { ident, fields: Fields::Named(fields), .. }) => (&*ident, fields, false),
            Item::Union(item) => (&item.ident, &mut item.fields, true),
            _ => continue,
        };
        let name = name.to_string();
        // What stands for something that only its size is stated of is not the vendor's in other words.
        let Some((wanted, _)) = ours.get(&name).filter(|(fields, union)| {
            *union == is_union && fields.named.first().is_none_or(|field| word(field) != "opaque")
        }) else {
            continue;
        };
        let had: Vec<String> = known.named.iter().map(word).collect();
        let new: Vec<&Field> = wanted.named.iter().filter(|field| !had.contains(&word(field))).collect();
        lacking.extend(new.iter().map(|field| format!("{name}::{}", word(field))));
        let has_room = match (their_sizes.get(&name), our_sizes.get(&name)) {
            (Some(theirs), Some(ours)) if is_union => theirs.0 >= ours.0 && theirs.1 == ours.1,
            (Some(theirs), Some(ours)) => {
                let begins_alike = known.named.iter().zip(&wanted.named).all(|(a, b)| same(a, b));
                theirs == ours && begins_alike && had.len() + new.len() == wanted.named.len()
            }
            _ => false,
        };
        if has_room {
            known.named.extend(new.into_iter().cloned());
        }
    }
}

fn fields(item: &Item) -> Option<(String, (&FieldsNamed, bool))> {
    match item {
        Item::Struct(ItemStruct { ident, fields: Fields::Named(fields), .. }) => {
            Some((ident.to_string(), (fields, false)))
        }
        Item::Union(item) => Some((item.ident.to_string(), (&item.fields, true))),
        _ => None,
    }
}

fn word(field: &Field) -> String {
    field.ident.as_ref().map(Ident::to_string).unwrap_or_default()
}

fn same(a: &Field, b: &Field) -> bool {
    word(a) == word(b) && a.ty.to_token_stream().to_string() == b.ty.to_token_stream().to_string()
}

/// Size and alignment of each type, from the checks of the layouts.
fn sizes(items: &[Item]) -> BTreeMap<String, (u64, u64)> {
    let mut found = BTreeMap::new();
    for item in items {
        let Item::Const(check) = item else { continue };
        let text = check.expr.to_token_stream().to_string();
        // As in: [:: core :: mem :: size_of :: < NAME > () - 16usize]
        let number = |of: &str| {
            let (_, rest) = text.split_once(&format!("{of} :: < "))?;
            let (name, rest) = rest.split_once(" >")?;
            let (_, rest) = rest.split_once("- ")?;
            let (number, _) = rest.split_once("usize")?;
            Some((name.to_owned(), number.parse::<u64>().ok()?))
        };
        if let (Some((name, size)), Some((other, align))) = (number("size_of"), number("align_of"))
            && name == other
        {
            found.insert(name, (size, align));
        }
    }
    found
}

/// The name that an item defines; a constant without one is a check of a layout.
fn name(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) => (item.ident != "_").then_some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}

/// The names of the constants that belong to a type.
fn constants(items: &[Item]) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::<String, BTreeSet<String>>::new();
    for item in items {
        let Item::Impl(body) = item else { continue };
        let Some(of) = self_name(body) else { continue };
        for item in &body.items {
            if let ImplItem::Const(constant) = item {
                found.entry(of.clone()).or_default().insert(constant.ident.to_string());
            }
        }
    }
    found
}

fn self_name(body: &ItemImpl) -> Option<String> {
    match &*body.self_ty {
        Type::Path(path) => path.path.get_ident().map(Ident::to_string),
        _ => None,
    }
}

fn is_table(item: &Item) -> bool {
    matches!(item, Item::Struct(item) if item.ident.to_string().ends_with("_api_t"))
}

/// The structure itself, or the check of its layout.
fn is_about(item: &Item, table: &Ident) -> bool {
    match item {
        Item::Struct(item) => item.ident == *table,
        Item::Const(item) if item.ident == "_" => {
            let check = format!("size_of :: < {table} >");
            item.expr.to_token_stream().to_string().contains(&check)
        }
        _ => false,
    }
}

fn members(table: &ItemStruct) -> Vec<String> {
    match &table.fields {
        Fields::Named(fields) => {
            fields.named.iter().filter_map(|f| f.ident.as_ref().map(Ident::to_string)).collect()
        }
        _ => Vec::new(),
    }
}

/// The members of our table that theirs lacks.
fn compare(ours: &ItemStruct, theirs: &ItemStruct) -> Result<Vec<String>, String> {
    let (known, found) = (members(ours), members(theirs));
    if found.starts_with(&known) {
        return Ok(Vec::new());
    }
    if let Some(stranger) = found.iter().find(|member| !known.contains(member)) {
        return Err(format!(
            "{} of the headers in SAI_INCLUDE_DIR has {stranger} where no release of SAI has it, so its layout cannot be \
             relied on: build with the headers as they were published, or without SAI_INCLUDE_DIR",
            ours.ident
        ));
    }
    Ok(known.into_iter().filter(|member| !found.contains(member)).collect())
}
