//! Where credentials come from, and that nobody sees them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::Scene;
use super::support::proxy::Mood;
use super::support::published::environment;
use super::support::run::{Ended, Running};

/// A run with these variables and no others that say who asks; `aws` is what the script does.
fn run(scene: &Scene, aws: Option<&str>, variables: &[(&'static str, &str)]) -> Ended {
    let home = super::TestDir::new();
    if let Some(script) = aws {
        let path = home.join("aws");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("ours");
    }
    let text = |path: &std::path::Path| path.to_str().expect("text").to_owned();
    let mut all = vec![
        ("AWS_ENDPOINT_URL", scene.proxy.url()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("HOME", text(home.path())),
        ("PATH", text(home.path()) + ":/bin:/usr/bin"),
    ];
    all.extend(variables.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let words = ["sync", scene.out.path().to_str().expect("text"), &scene.destination(), "-vv"].map(str::to_owned);
    Running::with(&words, &all).end()
}

#[test]
fn a_profile_is_asked_of_the_aws_command() {
    let scene = Scene::new("profile", Mood::Good);
    let script = "case \"$*\" in *export-credentials*'--profile work'*) echo '{\"Version\":1,\"AccessKeyId\":\"AKIA\",\
        \"SecretAccessKey\":\"hush\",\"SessionToken\":\"quiet\"}' ;; *) exit 1 ;; esac";
    let ended = run(&scene, Some(script), &[("AWS_PROFILE", "work")]).expect(0);
    scene.assert_same();
    for secret in ["hush", "quiet"] {
        assert!(!ended.err.contains(secret) && !ended.out.contains(secret), "{}", ended.err);
    }
}

#[test]
fn a_profile_that_gives_nothing_is_an_error_that_says_why() {
    let scene = Scene::new("noprofile", Mood::Good);
    let script = "echo >&2; echo 'Error loading SSO Token: run aws sso login' >&2; exit 255";
    let told = run(&scene, Some(script), &[("AWS_PROFILE", "work")]).expect(13).err;
    assert!(told.contains("profile work") && told.contains("run aws sso login"), "{told}");
}

#[test]
fn secrets_are_in_no_message() {
    let scene = Scene::new("secrets", Mood::Good);
    let secrets = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "hush"), ("AWS_SESSION_TOKEN", "quiet")];
    let body = "<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>x-amz-security-token:quiet</CanonicalRequest></Error>";
    scene.proxy.set(Mood::Refusing(403, body));
    let ended = run(&scene, None, &secrets).expect(13);
    assert!(ended.err.contains("not accepted"), "{}", ended.err);
    for secret in ["hush", "quiet"] {
        assert!(!ended.err.contains(secret) && !ended.out.contains(secret), "{}", ended.err);
    }
}

#[test]
fn no_credentials_at_all_are_told_at_once() {
    let scene = Scene::new("nobody", Mood::Good);
    let told = run(&scene, None, &[("AWS_EC2_METADATA_DISABLED", "true")]).expect(13).err;
    assert!(told.contains("no credentials were found: set AWS_ACCESS_KEY_ID"), "{told}");
}

#[test]
fn doctor_tries_a_bucket_and_says_what_to_do_when_it_refuses() {
    let scene = Scene::new("doctor", Mood::Good);
    let home = super::TestDir::new();
    let doctor = |secret: &str| {
        let mut variables = environment(&scene.proxy.url());
        variables.push(("XDG_CACHE_HOME", home.path().to_str().expect("text").to_owned()));
        let ended = Running::with(&["doctor", "-o", &scene.destination(), "--json"], &variables).end();
        assert!(!ended.out.contains(secret) && !ended.err.contains(secret), "{}", ended.out);
        let document: serde_json::Value = serde_json::from_str(&ended.out).expect("JSON");
        let checks = document["checks"].as_array().expect("a list").clone();
        let one = |name: &str| checks.iter().find(|check| check["name"] == name).expect(name).clone();
        (ended.code, one("output"), one("credentials s3://"))
    };
    let (code, output, credentials) = doctor("topsecret");
    assert_eq!((code, &output["status"], &credentials["status"]), (Some(0), &"ok".into(), &"ok".into()));
    assert_eq!(credentials["message"], "there, from AWS_ACCESS_KEY_ID");
    assert!(scene.objects().is_empty(), "nothing is left behind");
    scene.proxy.set(Mood::Refusing(403, "<Error><Code>AccessDenied</Code></Error>"));
    let (code, output, _) = doctor("topsecret");
    assert_eq!((code, &output["status"]), (Some(12), &"fail".into()));
    assert_eq!(output["remedy"], "allow it to these credentials, or use others");
}

#[test]
fn doctor_asks_the_profile_that_is_named() {
    let home = super::TestDir::new();
    let script = "#!/bin/sh\necho 'Error loading SSO Token: run aws sso login' >&2; exit 255\n";
    fs::write(home.join("aws"), script).expect("writable");
    fs::set_permissions(home.join("aws"), fs::Permissions::from_mode(0o755)).expect("ours");
    let path = home.path().to_str().expect("text").to_owned();
    let variables =
        [("AWS_PROFILE", "work".to_owned()), ("HOME", path.clone()), ("PATH", path.clone() + ":/bin:/usr/bin")];
    let ended = Running::with(&["doctor", "-o", &path], &variables).end().expect(0);
    let lines = ended.out.lines().skip_while(|line| !line.contains("credentials s3://")).collect::<Vec<_>>();
    assert!(lines[0].starts_with("warn") && lines[1].contains("run aws sso login"), "{}", ended.out);
}
