//! The manual pages, from the command line's own definition: one about everything, and one for each command.
//! `man/` holds copies of them.

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use streampack::config::Setting;

use super::defaults;
use super::error::Error;

const EXIT_STATUS: [(&str, &str); 16] = [
    ("0", "Done."),
    ("1", "Internal or unclassified failure."),
    ("2", "The command line, a preset or the environment asks for what cannot be."),
    ("3", "Some of several inputs failed; streampack-batch.json has the exit code that each would have had."),
    ("10", "The input is missing, unreadable or not media, or cannot be packaged as it is."),
    ("11", "Another run holds the output."),
    ("12", "This FFmpeg has no such encoder, filter or codec; or streampack doctor found something wrong."),
    ("13", "The output cannot be written: full, read-only, no permission, no such bucket."),
    (
        "14",
        "The network refuses: a store cannot be reached, the address of serve is taken or none of this machine, or a \
         live source is not there.",
    ),
    ("15", "streampack verify found broken rules."),
    ("16", "The source of a live programme was lost. What came before is complete."),
    ("17", "The work is done, but a hook failed."),
    ("130", "Stopped by SIGINT. The same encode or sync goes on where it was."),
    ("141", "The reader of standard output has gone."),
    ("143", "Stopped by SIGTERM. The same encode or sync goes on where it was."),
    ("128+N", "A second signal N ended the process at once."),
];

const FILES: [(&str, &str); 11] = [
    ("master.m3u8", "HLS multivariant playlist."),
    ("manifest.mpd", "DASH MPD over the same segments."),
    ("video/1080p_h264/", "One directory for each video rendition: init.mp4, segments, playlists."),
    ("video/360p_h264_trick/", "Key frames of the smallest rendition, for fast forward in DASH."),
    ("audio/en_aac_128k/", "One directory for each audio rendition."),
    ("thumbnails/", "Sprite sheets, thumbnails.vtt and, from encode, an HLS image playlist."),
    ("poster.jpg", "The poster."),
    ("streampack.json", "The report. What it lists is replaced or removed by the next run, nothing else."),
    ("streampack-batch.json", "Of several inputs, what became of each. Their sets are in directories beside it."),
    (".streampack/", "Lock and journal of a run that has not ended; removed on success."),
    ("media.mp4", "With --single-file, the one file of a rendition's directory."),
];

/// The page about everything as roff, or that of one command.
pub(crate) fn print(verb: Option<&str>) -> Result<String, Error> {
    let mut command = defaults::command().disable_help_subcommand(true);
    command.build();
    let Some(verb) = verb else { return page(command).map_err(Error::Stdout) };
    let found = command.get_subcommands().find(|command| command.get_name() == verb).cloned();
    let Some(found) = found else {
        let verbs: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        return Err(Error::Usage(format!("no command is called `{verb}`; there are {}", verbs.join(", "))));
    };
    page_of(found).map_err(Error::Stdout)
}

/// The page of one command.
fn page_of(verb: Command) -> io::Result<String> {
    let (name, about) = (format!("streampack-{}", verb.get_name()), about(&verb));
    let mut page = Vec::new();
    let source = concat!("streampack ", env!("CARGO_PKG_VERSION"));
    Man::new(verb.clone()).title(&name).source(source).manual("streampack manual").render_title(&mut page)?;
    let mut roff = Roff::new();
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("{name} - {}", verb.get_about().map(ToString::to_string).unwrap_or_default()))]);
    roff.control("SH", ["SYNOPSIS"]);
    usage(&mut roff, &verb);
    roff.control("SH", ["DESCRIPTION"]);
    roff.text([roman(about)]);
    roff.to_writer(&mut page)?;
    let shown =
        verb.clone().mut_args(|argument| if argument.get_id() == "help" { argument.hide(true) } else { argument });
    page.extend(options(shown, "SH")?.into_bytes());
    page.extend(inner(&verb).into_bytes());
    examples("SH", &verb).to_writer(&mut page)?;
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    roff.text([bold("streampack"), roman("(1), which tells environment, files and exit status of all commands.")]);
    roff.to_writer(&mut page)?;
    String::from_utf8(page).map(|page| one_preamble(&page)).map_err(io::Error::other)
}

/// What a command does, as sentences.
fn about(verb: &Command) -> String {
    let about = verb.get_long_about().or_else(|| verb.get_about()).map(ToString::to_string).unwrap_or_default();
    format!("{}.", about.trim_end_matches('.'))
}

/// The page about everything.
fn page(command: Command) -> io::Result<String> {
    let mut page = Vec::new();
    let top = Man::new(command.clone()).manual("streampack manual");
    top.render_title(&mut page)?;
    top.render_name_section(&mut page)?;
    synopsis(&command).to_writer(&mut page)?;
    top.render_description_section(&mut page)?;
    for verb in command.get_subcommands() {
        page.extend(section(&command, verb)?.into_bytes());
    }
    environment().to_writer(&mut page)?;
    list("FILES", "Below the output directory:", &FILES).to_writer(&mut page)?;
    list("EXIT STATUS", "", &EXIT_STATUS).to_writer(&mut page)?;
    examples("SH", &command).to_writer(&mut page)?;
    see_also(&command).to_writer(&mut page)?;
    top.render_version_section(&mut page)?;
    String::from_utf8(page).map(|page| one_preamble(&page)).map_err(io::Error::other)
}

/// Every part that is rendered defines the apostrophe again; once is enough.
fn one_preamble(page: &str) -> String {
    let defines = |line: &str| line.starts_with(".ie ") || line.starts_with(".el ");
    let lines = page.lines().enumerate().filter(|(index, line)| *index < 2 || !defines(line));
    lines.map(|(_, line)| format!("{line}\n")).collect()
}

fn synopsis(command: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    for (index, verb) in command.get_subcommands().enumerate() {
        if index > 0 {
            roff.control("br", []);
        }
        usage(&mut roff, verb);
    }
    roff
}

fn usage(roff: &mut Roff, verb: &Command) {
    let usage = verb.clone().render_usage().to_string();
    for (index, form) in usage.lines().map(|line| line.trim_start_matches("Usage:").trim()).enumerate() {
        if index > 0 {
            roff.control("br", []);
        }
        roff.text([bold("streampack"), roman(form.strip_prefix("streampack").unwrap_or(form))]);
    }
}

/// One verb: clap_mangen's sections of it, one level down and without the flags of every verb.
fn section(command: &Command, verb: &Command) -> io::Result<String> {
    let name = verb.get_name().to_owned();
    let mut text = heading("SH", &format!("streampack {name}"));
    if let Some(about) = verb.get_long_about().or_else(|| verb.get_about()) {
        let mut roff = Roff::new();
        roff.text([roman(format!("{about}."))]);
        text += &roff.to_roff();
    }
    if name == "plan" {
        let mut roff = Roff::new();
        roff.text([roman("It takes the flags for settings of "), bold("streampack encode"), roman(", and:")]);
        text += &roff.to_roff();
    }
    text += &options(hide_repeated(command, verb.clone()), "SS")?;
    text += &inner(verb);
    Ok(text + &examples("SS", verb).to_roff())
}

/// clap_mangen's section of options, under headings of a level.
fn options(verb: Command, level: &str) -> io::Result<String> {
    let mut options = Vec::new();
    Man::new(verb).render_options_section(&mut options)?;
    let options = String::from_utf8(options).map_err(io::Error::other)?;
    let line = |line: &str| match line.strip_prefix(".SH ") {
        Some(title) => format!(".{level} {title}\n"),
        None => format!("{}\n", breakable(line)),
    };
    Ok(options.lines().map(line).collect())
}

/// Commands of a command.
fn inner(verb: &Command) -> String {
    let mut text = String::new();
    for inner in verb.get_subcommands().filter(|inner| inner.get_name() != "help") {
        let about = inner.get_about().map(ToString::to_string).unwrap_or_default();
        let mut roff = Roff::new();
        roff.control("TP", []);
        roff.text([bold(format!("{} {}", verb.get_name(), inner.get_name()))]);
        roff.text([roman(format!("{about}."))]);
        text += &roff.to_roff();
    }
    text
}

/// Lists without spaces, which a narrow terminal may break after a comma.
fn breakable(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        text.push(c);
        if c == ',' && !line.starts_with('.') && chars.peek().is_some_and(char::is_ascii_alphanumeric) {
            text += r"\:";
        }
    }
    text
}

/// Flags that every verb has, and those for settings, are said once, under the first verb.
fn hide_repeated(command: &Command, verb: Command) -> Command {
    let first = command.get_subcommands().next().filter(|first| first.get_name() != verb.get_name());
    let settings = verb.get_name() == "plan";
    verb.mut_args(|argument| {
        let said = |first: &Command| {
            first
                .get_arguments()
                .any(|other| other.get_id() == argument.get_id() && other.get_help() == argument.get_help())
        };
        let repeats = argument.is_global_set() || (settings && !argument.is_positional());
        let hide = argument.get_id() == "help" || (repeats && first.is_some_and(said));
        if hide { argument.hide(true) } else { argument }
    })
}

fn heading(level: &'static str, title: &str) -> String {
    let mut roff = Roff::new();
    roff.control(level, [title]);
    roff.to_roff()
}

fn examples(level: &'static str, command: &Command) -> Roff {
    let mut roff = Roff::new();
    let Some(text) = command.get_after_help() else { return roff };
    roff.control(level, ["EXAMPLES"]);
    roff.control("nf", []);
    let text = text.to_string();
    for line in text.lines().filter(|line| *line != "Examples:") {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff
}

/// The pages of the commands.
fn see_also(command: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    let verbs: Vec<String> =
        command.get_subcommands().map(|verb| format!("streampack-{}(1)", verb.get_name())).collect();
    roff.text([roman(verbs.join(", ") + ".")]);
    roff
}

fn environment() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["ENVIRONMENT"]);
    let mut entry = |name: &str, text: &str| {
        roff.control("TP", []);
        roff.text([bold(name)]);
        roff.text([roman(text)]);
    };
    entry("STREAMPACK_PRESET", "The preset when --preset names none.");
    entry(
        "STREAMPACK_SETTING",
        "A setting by its name in presets, in capitals. It is stronger than a preset and weaker than a flag. \
         Lists are parted by commas.",
    );
    entry(
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL",
        "Who asks S3 and CloudFront, and where. A profile is asked of the aws command. Without them, web identity, the \
         role of a container, the default profile or the role of the instance.",
    );
    entry(
        "GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_ACCOUNT_KEY",
        "The same of Google Cloud Storage and of Azure.",
    );
    entry(
        "STREAMPACK_OUTPUT, STREAMPACK_REPORT, STREAMPACK_EXIT_CODE",
        "What the commands of --on-complete and --on-failure are told. They are no settings.",
    );
    entry(
        "XDG_CACHE_HOME",
        "Where a set takes shape that goes straight into a bucket, in streampack/; ~/.cache without it.",
    );
    entry("NO_COLOR, CLICOLOR_FORCE", "Whether to colour messages, unless --color says so.");
    roff.control("PP", []);
    roff.text([roman("The settings are:")]);
    // A name that is parted by a hyphen at the end of a line cannot be copied.
    roff.control("nh", []);
    let variables: Vec<String> = Setting::ALL.into_iter().map(Setting::variable).collect();
    roff.text([roman(variables.join(", ") + ".")]);
    roff.control("hy", []);
    roff
}

fn list(title: &'static str, intro: &str, entries: &[(&str, &str)]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    if !intro.is_empty() {
        roff.text([roman(intro)]);
    }
    for (term, text) in entries {
        roff.control("TP", []);
        roff.text([bold(*term)]);
        roff.text([roman(*text)]);
    }
    roff
}
