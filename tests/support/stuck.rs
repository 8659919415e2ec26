//! A disk that is stuck, or full, when a test says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Stands between a program and the C library: while there is a file with the name in `STUCK_DISK`, nothing gets to the
/// disk; when there is something in the file, there is no room for files with that in their path.
const LIBRARY: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int has_room(const char *stuck, int fd) {
    char link[64], path[4096] = "", name[256] = "";
    int list = open(stuck, O_RDONLY | O_CLOEXEC);
    if (list >= 0) {
        if (read(list, name, sizeof name - 1) < 0)
            name[0] = 0;
        close(list);
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (readlink(link, path, sizeof path - 1) < 0)
        path[0] = 0;
    return strstr(path, name) == NULL;
}

int fdatasync(int fd) {
    const char *stuck = getenv("STUCK_DISK");
    struct stat found;
    while (stuck && stat(stuck, &found) == 0) {
        if (found.st_size > 0) {
            if (has_room(stuck, fd))
                break;
            errno = ENOSPC;
            return -1;
        }
        usleep(5000);
    }
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return next(fd);
}
"#;

/// The disk of a run.
#[derive(Debug)]
pub struct StuckDisk {
    library: PathBuf,
    stuck: PathBuf,
}

impl StuckDisk {
    /// One that takes everything, for now.
    pub fn new(directory: &Path) -> Self {
        let (source, library) = (directory.join("stuck.c"), directory.join("stuck.so"));
        fs::write(&source, LIBRARY).expect("writable");
        // What links Rust's programs is there.
        let status = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).arg("-ldl").status();
        assert!(status.expect("cc is installed").success(), "cc makes {}", library.display());
        Self { library, stuck: directory.join("stuck") }
    }

    /// The variables of a run that has this disk.
    pub fn variables(&self) -> [(&'static str, String); 2] {
        let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
        [("LD_PRELOAD", text(&self.library)), ("STUCK_DISK", text(&self.stuck))]
    }

    /// From now on it takes nothing.
    pub fn stick(&self) {
        fs::write(&self.stuck, "").expect("writable");
    }

    /// From now on it is full.
    pub fn fill(&self) {
        self.refuse("/");
    }

    /// From now on there is no room for files with this in their path.
    pub fn refuse(&self, name: &str) {
        let beside = self.stuck.with_extension("full");
        fs::write(&beside, name).and_then(|()| fs::rename(&beside, &self.stuck)).expect("writable");
    }

    /// It takes everything again.
    pub fn free(&self) {
        fs::remove_file(&self.stuck).expect("it was stuck");
    }
}
