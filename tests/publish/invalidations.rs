//! What CloudFront is told.

use super::support::proxy::{Mood, Proxy};
use super::support::published::{put, sync};
use super::{Scene, puts};

#[test]
fn exactly_the_mutable_paths_that_changed_are_invalidated_once() {
    let scene = Scene::new("cdn", Mood::Good);
    let distribution = scene.moto.distribution("once");
    let flags = ["--invalidate", distribution.as_str()];
    scene.sync(&flags);
    assert!(scene.moto.invalidations(&distribution).is_empty(), "nothing stood there before");
    put(scene.out.path(), "master.m3u8", b"#EXTM3X");
    put(scene.out.path(), "poster.jpg", b"retsop");
    scene.sync(&flags);
    let paths = ["/films/one/master.m3u8", "/films/one/poster.jpg"].map(str::to_owned).to_vec();
    assert_eq!(scene.moto.invalidations(&distribution), [paths]);
    scene.sync(&flags);
    assert_eq!(scene.moto.invalidations(&distribution).len(), 1);
}

#[test]
fn an_invalidation_that_failed_is_made_by_the_next_run() {
    let scene = Scene::new("later", Mood::Good);
    let distribution = scene.moto.distribution("later");
    let flags = ["--invalidate", distribution.as_str(), "--invalidate-root", "/"];
    scene.sync(&flags);
    put(scene.out.path(), "master.m3u8", b"#EXTM3X");
    let refused = sync(scene.out.path(), &scene.destination(), &scene.proxy.url(), &["--invalidate", "ENONE"]);
    let refused = refused.expect(13).err;
    assert!(refused.contains("cannot invalidate") && refused.contains("ENONE"), "{refused}");
    scene.proxy.take();
    // It is of that distribution alone that something is still to be told.
    assert!(puts(&scene.sync(&flags)).is_empty());
    assert!(scene.moto.invalidations(&distribution).is_empty());

    put(scene.out.path(), "master.m3u8", b"#EXTM3Y");
    let broken = Proxy::start(scene.moto.address(), Mood::Good);
    let environment = |url: String| {
        let mut all = super::support::published::environment(&scene.proxy.url());
        all.push(("AWS_ENDPOINT_URL_CLOUDFRONT", url));
        all
    };
    broken.set(Mood::Refusing(403, "<Error><Code>AccessDenied</Code></Error>"));
    let words = ["sync", scene.out.path().to_str().expect("text"), &scene.destination()].map(str::to_owned);
    let words: Vec<String> = words.into_iter().chain(flags.map(str::to_owned)).collect();
    let run = |url: String| super::support::run::Running::with(&words, &environment(url)).end();
    let refused = run(broken.url()).expect(13).err;
    assert!(refused.contains("access denied"), "{refused}");
    run(scene.proxy.url()).expect(0);
    assert_eq!(scene.moto.invalidations(&distribution), [vec!["/master.m3u8".to_owned()]]);
}
