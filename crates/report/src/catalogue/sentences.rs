//! Sentences with figures in them.

use super::{Lang, messages, names, say};
use crate::facts::{Answer, BASELINE, Effect};
use crate::{clean, figures};
use elfin_schema::{Experiment, Machine, Probe, RecipeRecord, Rounds};

/// The machine on one line.
pub(crate) fn machine(machine: &Machine) -> String {
    let Machine { host, distribution, arch, cpus, cpu, .. } = machine;
    let wsl = machine.wsl.map_or_else(String::new, |version| format!(", WSL {version}"));
    format!("{host}: {distribution}{wsl}, {arch}, {cpus} × {cpu}")
}

/// Says that the experiment was stopped; `None` if it was not.
pub(crate) fn unfinished(e: &Experiment, records: &[RecipeRecord], lang: Lang) -> Option<String> {
    let (done, planned) = (records.len(), e.recipes);
    (!e.finished).then(|| {
        say!(
            lang,
            "The experiment is not finished: {done} of {planned} recipes so far. The same command goes on from here.",
            "实验尚未完成：{planned} 个配方中已有 {done} 个。再次执行同一命令即可继续。"
        )
    })
}

/// The size, change and start of a recipe, in a clause.
pub(crate) fn size_and_start(record: &RecipeRecord, lang: Lang) -> String {
    let Some(bytes) = record.bytes else { return figures::NONE.to_owned() };
    let (exact, human) = (figures::exact(bytes), figures::human(bytes));
    let change = record.delta_percent.filter(|_| record.recipe != BASELINE);
    let change = change.map_or_else(String::new, |change| {
        let comma = say!(lang, ", ", "，");
        format!("{comma}{}", figures::percent(change))
    });
    let size = say!(lang, "{exact} bytes ({human}{change})", "{exact} 字节（{human}{change}）");
    let Some(ms) = record.start_ms else { return size };
    let ms = figures::ms(ms);
    say!(lang, "{size}, starts in {ms} ms", "{size}，启动 {ms} 毫秒")
}

/// An answer as a sentence.
pub(crate) fn answer(answer: &Answer<'_>, lang: Lang) -> String {
    let question = names::question(answer.kind).to(lang);
    let Some((pick, record)) = answer.found else {
        let none = unanswered(answer, lang);
        return say!(lang, "{question}: {none}", "{question}：{none}");
    };
    let (recipe, figures) = (&record.recipe, size_and_start(record, lang));
    let cost = names::gives_up(&pick.gives_up, lang);
    let cost = cost.join(&say!(lang, "; ", "；"));
    say!(
        lang,
        "{question}: {recipe}, {figures}. It gives up: {cost}.",
        "{question}：{recipe}，{figures}。代价：{cost}。"
    )
}

/// Why a question has no answer.
pub(crate) fn unanswered(answer: &Answer<'_>, lang: Lang) -> String {
    let Some(why) = answer.untried else {
        return say!(lang, "no recipe qualifies.", "没有符合条件的配方。");
    };
    let why = messages::message(why, lang);
    say!(lang, "not tried. {why}", "未尝试。{why}")
}

/// How one size became another: `59.4% smaller (4,483,984 bytes)`.
fn change((from, to): (u64, u64), lang: Lang) -> String {
    let Some(percent) = figures::percent_between(from, to).filter(|_| from != to) else {
        return say!(lang, "unchanged", "不变");
    };
    let bytes = figures::exact(from.abs_diff(to));
    let percent = figures::percent(percent.abs());
    let percent = percent.trim_start_matches('+');
    if to < from {
        say!(lang, "{percent} smaller ({bytes} bytes)", "减小 {percent}（{bytes} 字节）")
    } else {
        say!(lang, "{percent} larger ({bytes} bytes)", "增大 {percent}（{bytes} 字节）")
    }
}

/// What a stage changes on disk and as a download.
pub(crate) fn effect(effect: &Effect<'_>, lang: Lang) -> String {
    let (after, before) = (&effect.after.recipe, &effect.before.recipe);
    let disk = change(effect.disk, lang);
    let gzip = change(effect.gzip_6, lang);
    let zstd = change(effect.zstd_19, lang);
    let sentence = say!(
        lang,
        "{after} against {before}: on disk {disk}; as a gzip -6 download {gzip}; with zstd -19 {zstd}.",
        "{after} 与 {before} 相比：磁盘体积{disk}；gzip -6 下载量{gzip}；zstd -19 下载量{zstd}。"
    );
    let grows = |(from, to): (u64, u64)| to > from;
    if grows(effect.disk) || !grows(effect.gzip_6) {
        return sentence;
    }
    say!(
        lang,
        "{sentence} It makes the file smaller and the download larger.",
        "{sentence}文件变小了，下载量反而变大。"
    )
}

/// A tool that is missing, with its remedy.
pub(crate) fn missing(tool: &elfin_schema::Tool, lang: Lang) -> String {
    let (name, remedy) = (&tool.name, &tool.remedy);
    say!(lang, "{name} is missing. To have it: {remedy}", "缺少 {name}。安装方法：{remedy}")
}

/// How it was measured, a paragraph each.
pub(crate) fn method(e: &Experiment, r: &[RecipeRecord], lang: Lang) -> Vec<String> {
    let Rounds { warm, cold, aslr, bench } = e.effort.rounds;
    let ready = match e.subject.ready.as_str() {
        "exit" => say!(lang, "it has exited", "程序退出"),
        ready => say!(lang, "it is ready ({ready})", "程序就绪（{ready}）"),
    };
    let mut method = vec![
        say!(
            lang,
            "Start-up is the time from exec until {ready}. Every recipe was started {warm} times warm, and {cold} times cold where the page cache of its file could be dropped.",
            "启动时间是从 exec 到{ready}为止。每个配方热启动 {warm} 次；能够清除其文件页缓存时，再冷启动 {cold} 次。"
        ),
        say!(
            lang,
            "The starts are interleaved: each round starts every recipe once, so a slow moment of the machine falls on all of them alike. Nothing was built meanwhile.",
            "各配方交错启动：每一轮把所有配方各启动一次，机器一时变慢会同等影响每个配方。测量期间不进行任何构建。"
        ),
        say!(
            lang,
            "Figures are medians; ± is half of the bootstrap 95 % interval of the median.",
            "数值均为中位数；± 后为中位数的自助法（bootstrap）95% 置信区间的半宽。"
        ),
        say!(
            lang,
            "× is the median of the ratios to the baseline, paired round by round. = says that no difference was shown: the 95 % interval of the ratio holds 1, or there were fewer than six pairs.",
            "× 是与基准逐轮配对所得比值的中位数。= 表示未显示出差异：该比值的 95% 置信区间包含 1，或配对不足六轮。"
        ),
        say!(
            lang,
            "What still works was really done, with the real tools, on a small probe program made by the same recipe. Whether a file runs from scratch was found by starting it in an empty root.",
            "“哪些功能仍可用”是用真实工具在按同一配方制作的小型探测程序上实际操作得出的。能否从 scratch 运行，是在空的根目录中实际启动得出的。"
        ),
        say!(
            lang,
            "Address bits are those that varied over {aslr} starts. A MiB is 1,048,576 bytes.",
            "地址随机位数是在 {aslr} 次启动中发生变化的位数。1 MiB 为 1,048,576 字节。"
        ),
    ];
    let benches = || r.iter().filter_map(|record| Some((record, record.bench.as_ref()?)));
    if benches().any(|(_, bench)| !matches!(bench, Probe::Failed { .. })) {
        method.push(say!(
            lang,
            "The benchmark was run {bench} times with every recipe, interleaved in the same way; its column is the paired ratio of the wall time.",
            "每个配方各运行基准测试 {bench} 次，同样交错进行；该列为实际耗时逐轮配对的比值。"
        ));
    }
    for (record, bench) in benches() {
        if let Probe::Failed { says } = bench {
            let (recipe, says) = (clean::line(&record.recipe), clean::line(says));
            method.push(say!(
                lang,
                "The benchmark failed with {recipe}: {says}.",
                "基准测试在 {recipe} 上失败：{says}。"
            ));
        }
    }
    method
}

/// An exact size with its unit.
pub(crate) fn bytes(bytes: u64, lang: Lang) -> String {
    let bytes = figures::exact(bytes);
    say!(lang, "{bytes} bytes", "{bytes} 字节")
}

/// A start with its unit.
pub(crate) fn starts_in(ms: f64, lang: Lang) -> String {
    let ms = figures::ms(ms);
    say!(lang, "starts in {ms} ms", "启动 {ms} 毫秒")
}

/// A ratio as the table shows it, in words.
pub(crate) fn against_baseline(ratio: &str, lang: Lang) -> String {
    if ratio == "=" {
        return say!(lang, "no difference shown", "未显示出差异");
    }
    let times = ratio.trim_start_matches('×');
    say!(lang, "×{times} the baseline", "为基准的 {times} 倍")
}

/// The report's first sentence: how many recipes, and the baseline.
pub(crate) fn lede(
    baseline: Option<&RecipeRecord>,
    recipes: usize,
    working: usize,
    lang: Lang,
) -> String {
    let counted = say!(
        lang,
        "{recipes} recipes were tried, {working} give a working program.",
        "共尝试 {recipes} 个配方，其中 {working} 个得到可用的程序。"
    );
    let Some(size) = baseline.and_then(|record| record.bytes).map(figures::human) else {
        return counted;
    };
    let download = baseline.and_then(|record| record.transfer);
    let download = download.map_or_else(String::new, |transfer| {
        let gzip = figures::human(transfer.gzip_6);
        say!(lang, ", {gzip} to download", "，下载量 {gzip}")
    });
    let start = baseline.and_then(|record| record.start_ms).map_or_else(String::new, |ms| {
        let ms = figures::ms(ms);
        say!(lang, ", ready in {ms} ms", "，{ms} 毫秒就绪")
    });
    say!(
        lang,
        "As go build makes it: {size} on disk{download}{start}. {counted}",
        "go build 直接产出的文件：磁盘占用 {size}{download}{start}。{counted}"
    )
}
