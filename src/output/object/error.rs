//! What a store says when it refuses, in words that tell what to do. Bodies of its answers are not repeated: they
//! can hold what was signed, tokens too.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use object_store::client::{HttpError, HttpErrorKind};

use crate::output::Error;

/// Why a store refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such object.
    Absent,
    /// There is no such bucket.
    NoBucket,
    /// The credentials may not do this.
    Denied,
    /// There are no credentials.
    NoCredentials(String),
    /// The credentials are not known, or have expired.
    Credentials,
    /// The bucket is somewhere else.
    Region,
    /// The clocks differ too much for a signature.
    Clock,
    /// It was asked again and again and had no time.
    Busy,
    /// It cannot be reached.
    Unreachable(String),
    /// The settings cannot be used.
    Settings(String),
    /// Something else, in its own words.
    Other(String),
}

impl Refusal {
    /// Whether the network is to blame, and not what was asked.
    pub fn is_network(&self) -> bool {
        matches!(self, Self::Busy | Self::Unreachable(_))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("there is no such object"),
            Self::NoBucket => f.write_str("there is no such bucket; make it, or check its name"),
            Self::Denied => f.write_str("access denied; allow it to these credentials, or use others"),
            Self::NoCredentials(remedy) => write!(f, "no credentials were found: {remedy}"),
            Self::Credentials => f.write_str("the credentials are not accepted or have expired; renew them"),
            Self::Region => f.write_str("the bucket is in another region; set AWS_REGION to the bucket's own"),
            Self::Clock => f.write_str("the clock of this machine is too far from that of the store; set it"),
            Self::Busy => f.write_str("the store is too busy or out of order; run again to continue"),
            Self::Unreachable(why) => write!(f, "{why}; check network and endpoint, and run again to continue"),
            Self::Settings(why) | Self::Other(why) => f.write_str(why),
        }
    }
}

/// The error of ours for what a store or the file system said.
pub(super) fn explain(action: &'static str, target: String, error: &object_store::Error) -> Error {
    if let Some(source) = chain(error).find_map(|cause| cause.downcast_ref::<io::Error>()).filter(|_| is_local(error)) {
        let source = io::Error::new(source.kind(), source.to_string());
        return match action {
            "write" | "delete" => Error::Io { target, source },
            _ => Error::Read { target, source },
        };
    }
    Error::Store { action, target, refusal: refusal(error) }
}

/// Whether the directory store failed, and not one behind the network.
fn is_local(error: &object_store::Error) -> bool {
    let network = chain(error).any(|cause| cause.is::<HttpError>());
    !network && !matches!(error, object_store::Error::NotFound { .. })
}

/// What may clear, so that a request that may be made twice is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The store has no time.
    Busy,
    /// Nobody takes the connection.
    Connect,
    /// No answer came in time.
    Timeout,
    /// The answer broke off.
    Broken,
}

impl Trouble {
    pub(super) fn of_http(kind: HttpErrorKind) -> Self {
        match kind {
            HttpErrorKind::Connect => Self::Connect,
            HttpErrorKind::Timeout => Self::Timeout,
            // HttpErrorKind is not ours and grows.
            _ => Self::Broken,
        }
    }
}

/// Why a request came to nothing, in whatever words.
pub(super) trait Failed {
    /// What may clear; nothing when it is of no use to ask again.
    fn trouble(&self) -> Option<Trouble>;
    /// The error of ours.
    fn explain(self, action: &'static str, target: String) -> Error;
}

impl Failed for object_store::Error {
    fn trouble(&self) -> Option<Trouble> {
        let kind = chain(self).find_map(|cause| cause.downcast_ref::<HttpError>()).map(HttpError::kind);
        match kind {
            Some(kind) => Some(Trouble::of_http(kind)),
            None if refusal(self) == Refusal::Busy => Some(Trouble::Busy),
            // Somebody has removed an upload in parts that was under way; it can be begun again.
            None if chain(self).any(|cause| cause.to_string().contains("<Code>NoSuchUpload</Code>")) => {
                Some(Trouble::Broken)
            }
            None => None,
        }
    }

    fn explain(self, action: &'static str, target: String) -> Error {
        explain(action, target, &self)
    }
}

/// A request of ours that was refused, or came to nothing.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) refusal: Refusal,
    pub(super) trouble: Option<Trouble>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let trouble = (refusal == Refusal::Busy).then_some(Trouble::Busy);
        Self { refusal, trouble }
    }
}

impl From<HttpError> for Refused {
    fn from(error: HttpError) -> Self {
        let refusal = match error.kind() {
            HttpErrorKind::Timeout => Refusal::Unreachable("no answer came in time".to_owned()),
            _ => Refusal::Unreachable(chain(&error).last().map(ToString::to_string).unwrap_or_default()),
        };
        Self { refusal, trouble: Some(Trouble::of_http(error.kind())) }
    }
}

impl Failed for Refused {
    fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    fn explain(self, action: &'static str, target: String) -> Error {
        Error::Store { action, target, refusal: self.refusal }
    }
}

pub(super) fn refusal(error: &object_store::Error) -> Refusal {
    if let Some(name) = chain(error).find_map(|cause| cause.downcast_ref::<object_store::path::Error>()) {
        let words = "an object there has a name that cannot be listed; rename or remove it, or choose another prefix";
        return Refusal::Other(format!("{words} ({name})"));
    }
    let texts: Vec<String> = chain(error).map(ToString::to_string).collect();
    let text = texts.join("\n");
    let code = between(&text, "<Code>", "</Code>");
    if let Some(refusal) = code.and_then(by_code) {
        return refusal;
    }
    match error {
        object_store::Error::NotFound { .. } => return Refusal::Absent,
        object_store::Error::PermissionDenied { .. } => return Refusal::Denied,
        object_store::Error::Unauthenticated { .. } => return Refusal::Credentials,
        _ => {}
    }
    if text.contains("incorrectly configured region") {
        return Refusal::Region;
    }
    if chain(error).any(|cause| cause.is::<HttpError>()) {
        return Refusal::Unreachable(texts.last().cloned().unwrap_or_default());
    }
    if let Some(code) = code {
        let message = between(&text, "<Message>", "</Message>").unwrap_or_default();
        return Refusal::Other(format!("{code}: {message}"));
    }
    let server = text.contains("non-2xx status code: 5") && !text.contains("status code: 501");
    if server || text.contains("status code: 429") {
        return Refusal::Busy;
    }
    // Only the first line, and no body: see above.
    let said = texts.last().map_or("", |text| text.split(['<', '{', '\n']).next().unwrap_or_default());
    Refusal::Other(said.trim_end_matches([' ', ':']).to_owned())
}

/// The codes of S3, of the XML interface of Google, and of Azure.
fn by_code(code: &str) -> Option<Refusal> {
    Some(match code {
        "NoSuchBucket" | "ContainerNotFound" | "ContainerBeingDeleted" => Refusal::NoBucket,
        "NoSuchKey" | "BlobNotFound" => Refusal::Absent,
        "AccessDenied"
        | "AllAccessDisabled"
        | "AccountProblem"
        | "AuthorizationFailure"
        | "AuthorizationPermissionMismatch"
        | "InsufficientAccountPermissions" => Refusal::Denied,
        "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidToken"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "ExpiredToken"
        | "TokenRefreshRequired"
        | "AuthenticationFailed" => Refusal::Credentials,
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => Refusal::Region,
        "RequestTimeTooSkewed" => Refusal::Clock,
        "SlowDown"
        | "ServiceUnavailable"
        | "InternalError"
        | "ServerBusy"
        | "Throttling"
        | "ThrottlingException"
        | "TooManyInvalidationsInProgress" => Refusal::Busy,
        _ => return None,
    })
}

/// What an XML answer says under its code, for requests that are not object_store's own.
pub(super) fn of_answer(status: u16, body: &str) -> Refusal {
    let code = between(body, "<Code>", "</Code>");
    match (code, status) {
        (Some(code), _) => by_code(code).unwrap_or_else(|| {
            let message = between(body, "<Message>", "</Message>").unwrap_or_default();
            Refusal::Other(format!("{code}: {message}"))
        }),
        (None, 301 | 307 | 308) => Refusal::Region,
        (None, 403) => Refusal::Denied,
        // What it does not know at all (501) it will not know later either.
        (None, 429 | 500 | 502..) => Refusal::Busy,
        (None, _) => Refusal::Other(format!("the answer has status {status}")),
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Said(&'static str);

    impl fmt::Display for Said {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl StdError for Said {}

    fn message(said: &'static str) -> String {
        let error = object_store::Error::Generic { store: "S3", source: Box::new(Said(said)) };
        explain("write", "s3://b/k".to_owned(), &error).to_string()
    }

    #[test]
    fn what_a_store_refuses_is_told_with_a_remedy() {
        for (code, words) in [
            ("NoSuchBucket", "no such bucket; make it"),
            ("AccessDenied", "access denied; allow it"),
            ("ExpiredToken", "renew them"),
            ("AuthorizationHeaderMalformed", "another region; set AWS_REGION"),
            ("RequestTimeTooSkewed", "the clock of this machine"),
            ("SlowDown", "run again to continue"),
        ] {
            let body = format!("status code: 400: <Error><Code>{code}</Code><Message>words</Message></Error>");
            let message = message(body.leak());
            assert!(message.starts_with("cannot write s3://b/k: ") && message.contains(words), "{message}");
        }
        assert_eq!(message("x <Code>Odd</Code><Message>so odd</Message>"), "cannot write s3://b/k: Odd: so odd");
        assert_eq!(message("the region is incorrectly configured region"), message("incorrectly configured region"));
    }

    /// S3 sends back what was signed, with the session token in it.
    #[test]
    fn bodies_are_not_repeated() {
        let body =
            "status code: 403: <Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>x-amz-security-token:SECRET";
        assert!(!message(body).contains("SECRET"));
        assert_eq!(message("odd answer: {\"token\":\"SECRET\"}"), "cannot write s3://b/k: odd answer");
    }
}
