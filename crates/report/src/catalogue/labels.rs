//! Headings and short labels.

use super::Text;

pub(crate) const ANSWERS: Text = Text("Three answers", "三个答案");
pub(crate) const NO_RECIPE: Text = Text("no recipe qualifies", "没有符合条件的配方");
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
pub(crate) const FINDINGS: Text = Text("The state of the machine", "机器状态");
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
