//! Where a set goes, and how it is delivered from there: each value with who decided it.

use std::fmt::Write;
use std::path::Path;

use streampack::config::Origin;
use streampack::job::sync::{CacheControl, Delivery};
use streampack::output::object::{Bucket, Location};
use streampack::plan::delivery::Caching;

use super::args::DeliveryFlags;
use super::document::{Destined, Said};

impl Destined {
    /// What is brought `to` a place that somebody named, delivered as `flags` say, and where they say nothing the
    /// `job`; nothing of a directory, which keeps no headers.
    pub(crate) fn new(
        to: &Location,
        named: Origin,
        delivery: &Delivery,
        flags: &DeliveryFlags,
        job: &Origin,
    ) -> Option<Self> {
        let Location::Bucket(Bucket { prefix, .. }) = to else { return None };
        let Delivery { cache_control: CacheControl { media, manifest }, invalidate } = delivery;
        let said = |flag: &'static str, flagged: bool, value: Option<&String>, usual: &str| Said {
            value: value.map_or(usual, String::as_str).to_owned(),
            origin: match value {
                Some(_) if flagged => Origin::Flag(flag),
                Some(_) => job.clone(),
                None => Origin::Default,
            },
        };
        let by_flag = flags.invalidate.is_some();
        let root = |distribution: &streampack::job::sync::Distribution| {
            said("--invalidate-root", by_flag, distribution.root.as_ref(), &format!("/{prefix}"))
        };
        Some(Self {
            to: Said { value: to.to_string(), origin: named },
            cache_control_media: said(
                "--cache-control-media",
                flags.cache_control_media.is_some(),
                media.as_ref(),
                Caching::Immutable.header(),
            ),
            cache_control_manifest: said(
                "--cache-control-manifest",
                flags.cache_control_manifest.is_some(),
                manifest.as_ref(),
                Caching::Revalidated.header(),
            ),
            invalidate: invalidate.as_ref().map(|one| said("--invalidate", by_flag, Some(&one.id), "")),
            invalidate_root: invalidate.as_ref().map(root),
        })
    }

    /// The same of the set `name` among several.
    pub(crate) fn below(&self, name: &Path) -> Self {
        let below = |said: &Said| Said {
            value: format!("{}/{}", said.value.trim_end_matches('/'), name.display()),
            origin: said.origin.clone(),
        };
        Self { to: below(&self.to), invalidate_root: self.invalidate_root.as_ref().map(below), ..self.clone() }
    }

    /// A table for people.
    pub(crate) fn table(&self) -> String {
        let rows = [
            ("to", Some(&self.to)),
            ("cache_control_media", Some(&self.cache_control_media)),
            ("cache_control_manifest", Some(&self.cache_control_manifest)),
            ("invalidate", self.invalidate.as_ref()),
            ("invalidate_root", self.invalidate_root.as_ref()),
        ];
        let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut out = "\ndelivery\n".to_owned();
        for (name, Said { value, origin }) in rows.into_iter().filter_map(|(name, said)| Some((name, said?))) {
            let _ = writeln!(out, "  {name:<width$}  {value}  ({origin})");
        }
        out
    }
}
