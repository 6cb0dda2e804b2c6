//! Headings and short labels.

use super::Text;

pub(crate) const ANSWERS: Text = Text("Three answers", "三个答案");
pub(crate) const GIVES_UP: Text = Text("gives up", "代价");
pub(crate) const BASELINE: Text = Text("baseline", "基准");
pub(crate) const COMPARISON: Text = Text("Every recipe", "全部配方");
pub(crate) const DOWNLOAD: Text = Text("On disk and as a download", "磁盘体积与下载量");
pub(crate) const MISSING: Text = Text("Tools that are missing here", "本机缺少的工具");
pub(crate) const FAILURES: Text =
    Text("What could not be made or measured, and why", "哪些未能生成或测量，原因何在");
pub(crate) const PASTE: Text = Text("Text to paste", "可直接粘贴的文本");
pub(crate) const SHELL: Text = Text("shell", "命令行");
pub(crate) const GORELEASER: Text = Text(".goreleaser.yaml", ".goreleaser.yaml");
pub(crate) const DOCKERFILE: Text = Text("Dockerfile", "Dockerfile");

pub(crate) const MEASURED: Text = Text("How it was measured", "测量方法");
pub(crate) const MACHINE: Text = Text("Machine", "机器");
pub(crate) const FINDINGS: Text =
    Text("To bear in mind with these figures", "阅读这些数字时请注意");
pub(crate) const TOOLS: Text = Text("Tools", "工具");
pub(crate) const METHOD: Text = Text("Method", "方法");
pub(crate) const NOT_FOUND: Text = Text("not found", "未找到");

pub(crate) const PROGRAM: Text = Text("program", "程序");
pub(crate) const SOURCES: Text = Text("sources, SHA-256", "源码 SHA-256");
pub(crate) const STARTED_AS: Text = Text("started as", "启动方式");
pub(crate) const PLAN: Text = Text("plan", "计划");
pub(crate) const DATE: Text = Text("measured", "测量时间");
pub(crate) const HOST: Text = Text("host", "主机");
pub(crate) const SYSTEM: Text = Text("system", "系统");
pub(crate) const KERNEL: Text = Text("kernel", "内核");
pub(crate) const PROCESSOR: Text = Text("processor", "处理器");
pub(crate) const MEMORY: Text = Text("memory", "内存");
pub(crate) const FILE_SYSTEM: Text = Text("file system", "文件系统");
pub(crate) const CLOCK: Text = Text("clock source", "时钟源");
pub(crate) const LOAD: Text = Text("load before measuring", "测量前负载");

pub(crate) const SIZE: Text = Text("size, bytes", "体积（字节）");
pub(crate) const START: Text = Text("start, ms", "启动（毫秒）");
pub(crate) const STAGES_APART: Text = Text("What each stage changes", "每个阶段带来的变化");
pub(crate) const RECIPES_APART: Text =
    Text("Each recipe against either baseline", "每个配方与两台机器的基准相比");
pub(crate) const NOT_THERE: Text = Text("not in this plan", "不在该计划中");

pub(crate) const SIZES_APART: Text = Text("Sizes side by side", "体积对照");
pub(crate) const EYEBROW_APART: Text = Text("Two machines side by side", "两台机器对照");

// The page.
pub(crate) const THEME: Text = Text("Light / dark", "明 / 暗");
pub(crate) const CONTENTS: Text = Text("Contents", "目录");
pub(crate) const EYEBROW: Text =
    Text("Every way to build and shrink it, measured", "各种构建与缩减方式的实测对比");
pub(crate) const HOW_TO_MAKE: Text = Text("How to make it", "如何得到它");
pub(crate) const RECIPE: Text = Text("recipe", "配方");
pub(crate) const COMPARISON_NOTE: Text = Text(
    "Everything side by side. = says that no difference from the baseline was shown, – that it was not measured.",
    "全部数据对照。= 表示与基准相比未显示出差异，– 表示未测量。",
);
pub(crate) const SIZES: Text = Text("Size, and what the bytes are", "体积与构成");
pub(crate) const SIZES_NOTE: Text = Text(
    "Smallest first; the line marks the baseline. Open a row for the exact bytes and the commands that make it.",
    "从小到大排列；竖线为基准。展开一行可查看精确字节数和生成命令。",
);
pub(crate) const PARTS: Text = Text("What the bytes are", "字节构成");
pub(crate) const FILE: Text = Text("file", "文件");
pub(crate) const STAGES: Text = Text("The stages, in every order", "各阶段的所有顺序");
pub(crate) const STAGES_NOTE: Text = Text(
    "From the baseline at the top, each bar is what one step added or took off; all charts have one scale. The same stages in another order give another file, or none.",
    "自顶部的基准开始，每个条形是一步增加或减去的字节；所有图使用同一刻度。同样的阶段换一种顺序，会得到不同的文件，或者根本得不到文件。",
);
pub(crate) const ADDS: Text = Text("adds", "增加");
pub(crate) const TAKES: Text = Text("takes off", "减少");
pub(crate) const CANNOT: Text = Text("could not be done", "无法完成");
pub(crate) const SCATTER: Text = Text("Size against start-up", "体积与启动时间");
pub(crate) const SCATTER_NOTE: Text = Text(
    "Lower and further left is better. Whiskers are the 95 % interval of the median.",
    "越靠左下越好。横线为中位数的 95% 置信区间。",
);
pub(crate) const FRONT: Text = Text(
    "The line is the Pareto front; nothing is both smaller and faster than these:",
    "折线为帕累托前沿；没有任何配方比以下各项既更小又更快：",
);
pub(crate) const START_LOG: Text =
    Text("start, milliseconds (logarithmic)", "启动时间，毫秒（对数刻度）");
pub(crate) const SIZE_MIB: Text = Text("size, MiB", "体积，MiB");
pub(crate) const DOWNLOAD_NOTE: Text = Text(
    "What a registry pull or a download costs. Figures: the gzip -6 download, and its share of the file; the line marks the baseline's.",
    "拉取镜像或下载的代价。数字为 gzip -6 下载量及其占文件体积的比例；竖线为基准的下载量。",
);
pub(crate) const WORKS: Text = Text("What still works", "哪些功能仍可用");
pub(crate) const WORKS_NOTE: Text = Text(
    "Really tried, but for the last columns, which are read from the file. ✓ it worked, ✗ it did not, – it was not tried or could not be.",
    "均为实际尝试的结果，最后几列则读自文件本身。✓ 可用，✗ 不可用，– 未尝试或无法尝试。",
);
pub(crate) const REALLY_DONE: Text =
    Text("done on a probe program of the same recipe", "在同一配方的探测程序上实际操作");
pub(crate) const IN_FILE: Text = Text("in your file", "你的文件中");
pub(crate) const WHY_NOT: Text = Text("Why not, in the tools’ own words", "原因（工具原话）");
pub(crate) const YES: Text = Text("yes", "是");
pub(crate) const NO: Text = Text("no", "否");
pub(crate) const NOT_MEASURED: Text = Text("not measured", "未测量");
pub(crate) const RUNS: Text = Text("Protection and portability", "安全防护与可移植性");
pub(crate) const RUNS_NOTE: Text = Text(
    "What guards the running program, and what the file needs from the machine it is carried to.",
    "运行中的程序有哪些防护，文件对目标机器有哪些要求。",
);
pub(crate) const PASTE_NOTE: Text = Text("The answers as they are used.", "各个答案的实际用法。");
pub(crate) const ELFIN: Text = Text("elfin", "elfin");

pub(crate) const STEP: Text = Text("step", "步骤");
pub(crate) const CHANGE_BYTES: Text = Text("bytes", "字节变化");
pub(crate) const BYTES: Text = Text("bytes", "字节");
pub(crate) const PACKED: Text = Text("packed", "打包后");
pub(crate) const PACKED_AS: Text = Text("packed as", "打包方式");
pub(crate) const SHARE: Text = Text("what", "组成");
pub(crate) const ADDRESS: Text = Text("address", "地址");
pub(crate) const AFTER_BYTES: Text = Text("size after", "之后体积");
