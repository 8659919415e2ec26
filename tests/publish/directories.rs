//! Directories as destinations, and directories that are no source.

use super::support::TestDir;
use super::support::published::{listed, make_set, put};
use super::support::run::{Ended, run};

fn sync(from: &TestDir, to: &TestDir, flags: &[&str]) -> Ended {
    let text = |path: &std::path::Path| path.to_str().expect("text").to_owned();
    let words = ["sync".to_owned(), text(from.path()), text(&to.join("www")), "--json".to_owned()];
    run(&words.into_iter().chain(flags.iter().map(|&flag| flag.to_owned())).collect::<Vec<_>>())
}

fn names(dir: &TestDir) -> Vec<String> {
    let names = super::tree::names(&dir.join("www")).into_iter();
    names.filter(|name| !name.ends_with(".streampack-sync.json")).collect()
}

fn puts(ended: &Ended) -> usize {
    ended.events().iter().filter(|event| event["type"] == "put").count()
}

#[test]
fn a_directory_gets_what_differs_and_loses_what_went() {
    let (from, to) = (TestDir::new(), TestDir::new());
    make_set(from.path(), 3);
    sync(&from, &to, &["--dry-run"]).expect(0);
    assert!(!to.join("www").exists());
    assert_eq!(puts(&sync(&from, &to, &[]).expect(0)), listed(from.path()).len() + 1);
    assert_eq!(names(&to), super::tree::names(from.path()));
    assert_eq!(puts(&sync(&from, &to, &[]).expect(0)), 0);
    put(&to.join("www"), "mine.txt", b"mine");
    put(&to.join("www"), "poster.jpg", b"other");
    make_set(from.path(), 2);
    let ended = sync(&from, &to, &["--delete"]).expect(0);
    assert_eq!(ended.events().iter().filter(|event| event["type"] == "delete").count(), 2);
    assert!(names(&to).contains(&"mine.txt".to_owned()));
    assert_eq!(std::fs::read(to.join("www/poster.jpg")).expect("there"), b"poster");
}

#[test]
fn files_of_others_in_a_directory_stay_without_force() {
    let (from, to) = (TestDir::new(), TestDir::new());
    make_set(from.path(), 1);
    put(&to.join("www"), "master.m3u8", b"mine");
    let refused = sync(&from, &to, &[]).expect(13).err;
    assert!(refused.contains("www/master.m3u8 is already there"), "{refused}");
    assert_eq!(std::fs::read(to.join("www/master.m3u8")).expect("there"), b"mine");
    sync(&from, &to, &["--force"]).expect(0);
    assert_eq!(names(&to), super::tree::names(from.path()));
}

#[test]
fn what_is_no_finished_set_is_not_published() {
    let (from, to) = (TestDir::new(), TestDir::new());
    assert!(sync(&from, &to, &[]).expect(10).err.contains("holds no finished set"));
    make_set(from.path(), 1);
    std::fs::remove_file(from.join("poster.jpg")).expect("there");
    assert!(sync(&from, &to, &[]).expect(10).err.contains("poster.jpg is not there"));
    make_set(from.path(), 1);
    put(from.path(), ".streampack/journal.ndjson", b"");
    assert!(sync(&from, &to, &[]).expect(10).err.contains("is not finished"));
    assert!(!to.join("www").exists(), "nothing was made");
}

#[test]
fn a_place_that_overlaps_or_is_none_is_a_mistake_of_the_command_line() {
    let from = TestDir::new();
    make_set(from.path(), 1);
    let path = from.path().to_str().expect("text").to_owned();
    let refused = |to: &str| run(&["sync", &path, to]).refused(2);
    assert!(refused(&format!("{path}/copy/deep")).contains("which is published"));
    assert!(refused(&path).contains("which is published"));
    assert!(refused("ftp://host/x").contains("ftp:// outputs are not supported"));
    assert!(refused("s3://key:secret@bucket").contains("put credentials in the environment"));
    assert!(
        run(&["sync", &path, "gs://b/x", "--invalidate", "E1"]).refused(2).contains("--invalidate is for CloudFront")
    );
}
