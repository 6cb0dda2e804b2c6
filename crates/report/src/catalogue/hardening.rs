//! Checks of protection, what they mean for Go, addresses, gadgets and the return model.

use super::{Lang, Text, say};
use crate::figures;
use elfin_schema::{
    AddressOf, ExtraFrom, GadgetClass, HardenFound, HardenVerdict, HardenWhy, Relro, ReturnModel,
};

pub(crate) const CHECK: Text = Text("check", "检查项");
pub(crate) const PROTECTION: Text = Text("Protection", "防护");
pub(crate) const SET_BY: Text = Text("set by", "设置参数");
pub(crate) const FOUND: Text = Text("found", "结果");
pub(crate) const VERDICT: Text = Text("verdict", "判定");
pub(crate) const ALARMS: Text =
    Text("False alarms of other tools, and what to know", "其他工具的误报与须知");
pub(crate) const ADDRESSES: Text = Text("Addresses", "地址随机化");
pub(crate) const MAPPING: Text = Text("mapping", "映射");
pub(crate) const VARYING: Text = Text("bits that vary", "变化的位数");
pub(crate) const ENTROPY: Text = Text("places, bits", "可能位置（位）");
pub(crate) const KERNEL: Text = Text("the kernel could give", "内核可提供");
pub(crate) const RELOCATIONS: Text = Text("Relocations", "重定位");
pub(crate) const TYPE: Text = Text("type", "类型");
pub(crate) const COUNT: Text = Text("count", "数量");
pub(crate) const GADGETS: Text = Text("Gadgets", "ROP 片段");
pub(crate) const CLASS: Text = Text("good for", "用途");
pub(crate) const PLACES: Text = Text("places", "处数");
pub(crate) const UNIQUE: Text = Text("different", "去重后");
pub(crate) const EXAMPLE: Text = Text("for instance", "例如");
pub(crate) const ALL: Text = Text("all", "合计");
pub(crate) const RETURNS: Text = Text("Does PIE pay for itself?", "PIE 是否划算？");
pub(crate) const INPUT: Text = Text("input", "输入");
pub(crate) const VALUE: Text = Text("value", "取值");

pub(crate) const NO_RELOCATIONS: Text =
    Text("Nothing is relocated at the start.", "启动时无任何重定位。");
pub(crate) const GADGET_COUNTS: Text = Text(
    "The counts hardly differ between a program at a fixed address and a PIE of the same source. What PIE buys is that nobody knows where they are.",
    "同一源码的固定地址程序与 PIE，片段数量几乎相同。PIE 换来的是：没人知道它们在哪里。",
);
pub(crate) const ONLY_WITH_INPUTS: Text = Text(
    "This answer is no better than its inputs; each can be set by a flag. Nobody has measured the probability of an exploit.",
    "该结论完全取决于输入，每一项都可用参数设置。没有人测量过漏洞利用的概率。",
);

/// What was looked at.
pub(crate) fn check(found: &HardenFound) -> Text {
    match found {
        HardenFound::Pie { .. } => Text("PIE", "PIE"),
        HardenFound::Relro { .. } => Text("RELRO", "RELRO"),
        HardenFound::Nx { .. } => Text("NX stack", "栈不可执行（NX）"),
        HardenFound::StackProtector { .. } => Text("stack protector", "栈保护"),
        HardenFound::Fortify { .. } => Text("fortify", "FORTIFY"),
        HardenFound::WritableCode { .. } => Text("no W+X segments", "无可写可执行段"),
        HardenFound::LibraryPath { .. } => Text("RPATH", "RPATH"),
        HardenFound::Symbols { .. } => Text("symbols", "符号"),
        HardenFound::Setuid { .. } => Text("setuid, setgid", "setuid、setgid"),
        HardenFound::Capabilities { .. } => Text("capabilities", "文件能力"),
        HardenFound::ControlFlow { .. } => Text("CET", "CET"),
    }
}

/// What was found.
pub(crate) fn found(found: &HardenFound, lang: Lang) -> String {
    let yes = |yes: bool| if yes { Text("yes", "有") } else { Text("no", "无") };
    let text = match found {
        HardenFound::Pie { yes: it }
        | HardenFound::Nx { yes: it }
        | HardenFound::StackProtector { yes: it }
        | HardenFound::Capabilities { yes: it } => yes(*it),
        HardenFound::Relro { relro } => match relro {
            Relro::None => Text("none", "无"),
            Relro::Partial => Text("partial", "部分"),
            Relro::Full => Text("full", "完整"),
        },
        HardenFound::Fortify { functions } if functions.is_empty() => yes(false),
        HardenFound::Fortify { functions } => {
            let count = functions.len();
            return say!(lang, "{count} functions", "{count} 个函数");
        }
        HardenFound::WritableCode { segments: 0 } => Text("none there", "没有"),
        HardenFound::WritableCode { segments } => return segments.to_string(),
        HardenFound::LibraryPath { folders } if folders.is_empty() => yes(false),
        HardenFound::LibraryPath { folders } => return folders.join(":"),
        HardenFound::Symbols { symtab, dwarf } => match (symtab, dwarf) {
            (true, true) => Text(".symtab and DWARF", ".symtab 与 DWARF"),
            (true, false) => Text(".symtab", ".symtab"),
            (false, true) => Text("DWARF", "DWARF"),
            (false, false) => yes(false),
        },
        HardenFound::Setuid { bits } if bits.is_empty() => yes(false),
        HardenFound::Setuid { bits } => return bits.clone(),
        HardenFound::ControlFlow { branch_tracking, shadow_stack } => {
            match (branch_tracking, shadow_stack) {
                (true, true) => Text("IBT and SHSTK", "IBT 与 SHSTK"),
                (true, false) => Text("IBT", "IBT"),
                (false, true) => Text("SHSTK", "SHSTK"),
                (false, false) => yes(false),
            }
        }
    };
    text.to(lang).to_owned()
}

/// A verdict in a word.
pub(crate) fn verdict(verdict: HardenVerdict) -> Text {
    match verdict {
        HardenVerdict::Good => Text("good", "良好"),
        HardenVerdict::Missing => Text("missing", "缺失"),
        HardenVerdict::FalseAlarm => Text("false alarm", "误报"),
        HardenVerdict::Note => Text("note", "须知"),
    }
}

/// Why a finding means what it means.
pub(crate) fn why(why: HardenWhy) -> Text {
    match why {
        HardenWhy::FixedAddress => Text(
            "Code and data lie at the same address in every start. Build with -buildmode=pie.",
            "代码与数据每次启动都在同一地址。请用 -buildmode=pie 构建。",
        ),
        HardenWhy::NothingRelocated => Text(
            "checksec says \"No RELRO\". RELRO protects tables that are relocated at the start, and a static program at a fixed address has none: its pointers stand in read-only memory from the link on.",
            "checksec 报告 “No RELRO”。RELRO 保护的是启动时重定位的表，固定地址的静态程序没有这种表：其指针从链接起就在只读内存中。",
        ),
        HardenWhy::NothingBoundLate => Text(
            "checksec says \"Partial RELRO\". The difference to full is the table of functions that are bound late, and this program has no such function. Go's own linker has no switch for full (golang/go#60318), and needs none here.",
            "checksec 报告 “Partial RELRO”。与完整 RELRO 的差别在于延迟绑定函数表，而本程序没有这样的函数。Go 自带链接器没有开启完整 RELRO 的开关（golang/go#60318），这里也不需要。",
        ),
        HardenWhy::TableStaysWritable => Text(
            "The table of functions of C libraries stays writable. Build with -ldflags='-linkmode=external -extldflags=-Wl,-z,relro,-z,now'.",
            "C 库函数表保持可写。请用 -ldflags='-linkmode=external -extldflags=-Wl,-z,relro,-z,now' 构建。",
        ),
        HardenWhy::NoCForCanaries => Text(
            "checksec says \"No canary found\". Canaries are for C: Go checks every index against its bounds and grows its stacks by moving them. There is no C code here.",
            "checksec 报告 “No canary found”。栈金丝雀是给 C 用的：Go 对每次下标做边界检查，并以搬移方式扩展栈。这里没有 C 代码。",
        ),
        HardenWhy::CWithoutCanaries => Text(
            "There is C code, and none of it has canaries. Build with CGO_CFLAGS='-O2 -fstack-protector-strong'; a program with nothing but runtime/cgo may be small enough to have no function that would get one.",
            "存在 C 代码，且都没有栈金丝雀。请用 CGO_CFLAGS='-O2 -fstack-protector-strong' 构建；若仅有 runtime/cgo，可能没有任何函数需要金丝雀。",
        ),
        HardenWhy::NoCForFortify => Text(
            "checksec says \"not fortified\". FORTIFY replaces functions of the C library by checked ones; there is no C code here.",
            "checksec 报告未启用 FORTIFY。FORTIFY 把 C 库函数换成带检查的版本；这里没有 C 代码。",
        ),
        HardenWhy::CWithoutFortify => Text(
            "None of the C functions that it calls is a checked one: either none has a checked twin, or it was built without CGO_CFLAGS='-O2 -D_FORTIFY_SOURCE=2'.",
            "它调用的 C 函数都不是带检查的版本：要么没有对应版本，要么构建时未设置 CGO_CFLAGS='-O2 -D_FORTIFY_SOURCE=2'。",
        ),
        HardenWhy::PathIsOpen => Text(
            "A folder that is relative, or that anybody can write to, lets others choose the library.",
            "相对路径或任何人可写的目录会让他人决定加载哪个库。",
        ),
        HardenWhy::NamesStay => Text(
            "Stripping hides no names: pclntab has those of all functions, and the runtime needs it.",
            "剥离符号并不能隐藏名字：pclntab 中有所有函数名，且运行时离不开它。",
        ),
        HardenWhy::StartsWithRights => Text(
            "Whoever starts it gets rights by it. Since Go 1.20.5 the runtime ignores GODEBUG-like tracing and closes standard files for such programs.",
            "启动它的人会因此获得权限。自 Go 1.20.5 起，运行时对此类程序会限制崩溃转储并确保标准文件已打开。",
        ),
        HardenWhy::GoHasNoControlFlow => Text(
            "checksec says \"no IBT, no SHSTK\". Go's compiler emits no endbr64, and Linux offers branch tracking to no program; a shadow stack needs glibc 2.39 and its loader. There is nothing to switch on.",
            "checksec 报告无 IBT、无 SHSTK。Go 编译器不生成 endbr64，Linux 也不向用户程序提供分支跟踪；影子栈需要 glibc 2.39 及其加载器。没有可开启的选项。",
        ),
        HardenWhy::KernelDecides => Text(
            "The file has no PT_GNU_STACK, and without it the kernel makes the stack executable.",
            "文件没有 PT_GNU_STACK，内核会因此让栈可执行。",
        ),
    }
}

/// A mapping.
pub(crate) fn mapping(of: AddressOf) -> Text {
    match of {
        AddressOf::Text => Text("code and data", "代码与数据"),
        AddressOf::Heap => Text("heap", "堆"),
        AddressOf::Brk => Text("brk heap", "brk 堆"),
        AddressOf::Stack => Text("stack", "栈"),
        AddressOf::Loader => Text("dynamic linker", "动态链接器"),
        AddressOf::Libraries => Text("libraries", "共享库"),
        AddressOf::Vdso => Text("vdso", "vdso"),
    }
}

/// What a gadget is good for.
pub(crate) fn class(class: GadgetClass) -> Text {
    match class {
        GadgetClass::StackPivot => Text("moving the stack", "移动栈指针"),
        GadgetClass::SystemCall => Text("system calls", "系统调用"),
        GadgetClass::LoadRegister => Text("loading registers", "装载寄存器"),
        GadgetClass::WriteMemory => Text("writing memory", "写内存"),
        GadgetClass::ReadMemory => Text("reading memory", "读内存"),
        GadgetClass::Move => Text("copying registers", "复制寄存器"),
        GadgetClass::Arithmetic => Text("computing", "运算"),
        GadgetClass::Jump => Text("jumping on", "间接跳转"),
        GadgetClass::Other => Text("other", "其他"),
    }
}

/// What starts were compared.
pub(crate) fn starts(starts: usize, at: &str, lang: Lang) -> String {
    say!(
        lang,
        "Over {starts} starts, each stopped at {at}. \"Places\" is the number of places that the addresses were spread over; more bits vary where a sum carries.",
        "共启动 {starts} 次，每次停在 {at}。“可能位置”为地址分布的位置数；因进位，变化的位数会更多。"
    )
}

/// What the dynamic linker does.
pub(crate) fn loader(ms: f64, instructions: Option<u64>, relocations: u64, lang: Lang) -> String {
    let ms = figures::ms(ms);
    let Some(instructions) = instructions else {
        return say!(
            lang,
            "The dynamic linker takes {ms} ms before the program's own code begins.",
            "程序自身代码开始之前，动态链接器用时 {ms} ms。"
        );
    };
    let each = if relocations == 0 { 0.0 } else { instructions as f64 / relocations as f64 };
    let (all, each) = (figures::exact(instructions), figures::ms(each));
    say!(
        lang,
        "The dynamic linker takes {ms} ms and {all} instructions before the program's own code begins, at most {each} for each relocation.",
        "程序自身代码开始之前，动态链接器用时 {ms} ms、{all} 条指令，平均每个重定位至多 {each} 条。"
    )
}

/// How often an attacker has to guess.
pub(crate) fn probes(still: f64, moving: f64, lang: Lang) -> String {
    if still <= 1.0 {
        return say!(
            lang,
            "An attacker needs one try: every gadget is where the file says.",
            "攻击者一次即可命中：每个片段都在文件所示的地址。"
        );
    }
    let (still, moving) = (figures::rough(still), figures::rough(moving));
    say!(
        lang,
        "An attacker who does not know the base needs {still} tries on average while the program keeps its addresses, as forked children do, and {moving} where every crash brings a new start.",
        "不知道基址的攻击者：若程序保持地址不变（如 fork 的子进程），平均需 {still} 次；若每次崩溃都重新启动，平均需 {moving} 次。"
    )
}

/// An input of the return model.
pub(crate) fn input(name: &str) -> Text {
    match name {
        "starts_a_day" => Text("starts a day", "每日启动次数"),
        "extra_ms" => Text("a start takes longer by, ms", "每次启动多用毫秒"),
        "cost_of_ms" => Text("cost of a millisecond", "每毫秒成本"),
        "exploits_a_year" => Text("exploits a year, probability", "年漏洞利用概率"),
        "cost_of_exploit" => Text("cost of an exploit", "一次漏洞利用的损失"),
        "stopped" => Text("part of them that it stops", "其中被阻止的比例"),
        _ => Text("?", "?"),
    }
}

/// Where the milliseconds come from.
pub(crate) fn extra_from(from: ExtraFrom) -> Text {
    match from {
        ExtraFrom::Given => Text("as given", "由参数给定"),
        ExtraFrom::Compared => Text("measured against the other program", "与另一程序对比测得"),
        ExtraFrom::Loader => Text("what the dynamic linker takes here", "此处动态链接器的用时"),
        ExtraFrom::NotMeasured => Text("not measured", "未测量"),
        ExtraFrom::Nothing => Text("nothing runs before the program", "程序之前无额外开销"),
    }
}

/// The model's answer.
pub(crate) fn answer(model: &ReturnModel, lang: Lang) -> String {
    if model.extra_ms_from == ExtraFrom::NotMeasured {
        return say!(
            lang,
            "How much longer a start takes was not measured, so there is no answer; give --extra-ms.",
            "未测量每次启动多用的时间，因此没有答案；请用 --extra-ms 给出。"
        );
    }
    let money = |value: f64| figures::rough(value);
    let (cost, back) = (money(model.cost_a_year), money(model.return_a_year));
    let sums = say!(
        lang,
        "With these inputs the longer starts cost {cost} a year, and the exploits that do not happen {back}.",
        "按上述输入，更长的启动每年花费 {cost}，而避免的漏洞利用损失为 {back}。"
    );
    let even = match model.break_even_starts {
        Some(starts) => {
            let starts = figures::rough(starts);
            say!(
                lang,
                "PIE pays for itself up to {starts} starts a day, and not above: the cost grows with the starts, the return does not.",
                "每日启动不超过 {starts} 次时 PIE 划算，超过则不划算：成本随启动次数增长，收益不会。"
            )
        }
        None => say!(
            lang,
            "Starts take no longer, so it pays at any number of them.",
            "启动并不更慢，因此无论启动多少次都划算。"
        ),
    };
    let space = if lang == Lang::En { " " } else { "" };
    format!("{sums}{space}{even}")
}

/// The heading of the table of sensitivity.
pub(crate) const SENSITIVITY: Text = Text(
    "The break-even, in starts a day, where one input is a multiple of itself:",
    "某一输入变为其若干倍时的盈亏平衡点（每日启动次数）：",
);
