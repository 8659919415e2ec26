//! EXT-X-SESSION-DATA: what is told of a programme besides its media (RFC 8216bis § 4.4.6.4).

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::Session;
use super::super::finding::or_none;
use super::super::rule::rules;
use super::media;
use super::text::{Attributes, Text};

rules! {
    HOLDS: Error "RFC 8216bis 4.4.6.4" "EXT-X-SESSION-DATA has a DATA-ID, and either a VALUE or a URI";
    UNIQUE: Error "RFC 8216bis 4.4.6.4" "a DATA-ID stands once for each LANGUAGE";
    JSON: Error "RFC 8216bis 4.4.6.4" "the file of session data is JSON";
    CHAPTERS: Error "Apple JSON chapters" "a chapter has a start-time, and its titles a language and a title";
}

/// The DATA-ID of chapters.
const CHAPTERS_ID: &str = "com.apple.hls.chapters";

/// Checks the session data of a multivariant playlist.
pub(super) fn check(text: &Text, session: &mut Session<'_, '_>) {
    let name = &text.name;
    let mut seen = BTreeSet::new();
    for value in text.values("EXT-X-SESSION-DATA") {
        let data = Attributes::read(name, value, &mut session.findings);
        let id = data.get("DATA-ID");
        let kept = id.is_some() && data.get("VALUE").is_some() != data.get("URI").is_some();
        session.findings.check(kept, HOLDS, name, || format!("EXT-X-SESSION-DATA is {value}"));
        let new = seen.insert((or_none(id), or_none(data.get("LANGUAGE"))));
        session.findings.check(new, UNIQUE, name, || format!("{} stands twice", or_none(id)));
        if data.get("FORMAT").is_some_and(|format| format != "JSON") {
            continue;
        }
        let file =
            data.get("URI").and_then(|uri| session.files.resolve(name, uri, media::missing(), &mut session.findings));
        let Some(file) = file else { continue };
        let Some(body) = session.files.text(&file, &mut session.findings) else { continue };
        let json = serde_json::from_str::<Value>(&body).ok();
        session.findings.check(json.is_some(), JSON, &file, || "cannot be read as JSON");
        if let Some(json) = json.filter(|_| id == Some(CHAPTERS_ID)) {
            session.findings.check(are_chapters(&json), CHAPTERS, &file, || "a chapter lacks something");
        }
    }
}

fn are_chapters(json: &Value) -> bool {
    let title = |title: &Value| title["language"].is_string() && title["title"].is_string();
    let titles = |chapter: &Value| match &chapter["titles"] {
        Value::Null => true,
        titles => titles.as_array().is_some_and(|titles| titles.iter().all(title)),
    };
    let chapter = |chapter: &Value| chapter["start-time"].as_f64().is_some_and(|at| at >= 0.0) && titles(chapter);
    json.as_array().is_some_and(|chapters| chapters.iter().all(chapter))
}
