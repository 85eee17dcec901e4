### 帮助：键是命令的路径（docket 为程序本身），属性 .long 是详细说明，其余属性是各参数。
### 英文帮助写在代码里各命令的注释中。

accept = 以处理专员身份受理请求
    .job = 工单
    .long = 其严重程度的时限从现在起算。
    .severity = general（一般）、urgent（紧急）、critical（危急）或 complaint（投诉）

arrive = 开始上门：您已在客户门口
    .job = 工单

as = 说明现在谁在用这台设备：几个人可以共用一台
    .attempts = 显示最近的尝试
    .duration = 多长时间，如 30m 或 8h；过后设备锁定，直到有人说明身份
    .end = 把设备还给它本来的人
    .long = 谁可以用由名册决定（`docket roster share`）。每人第一次在这里设定自己的 PIN；PIN 只以散列值存在这台设备上。其间的记录都算此人的。不写姓名：显示现在谁在用。
    .new_pin = 换一个 PIN；先要输入旧的
    .person = 从现在起由谁使用

audit = 按检查表的规则审核记录

audit-baseline = 记下现有问题，使以后的审核只报新的
    .as_of = 以此时刻而非现在为准
    .file = 要写的文件
    .packs = 规则：自带的包或您自己的；可重复
    .rule_time = 单条规则最多可用的处理器时间，以秒计

audit-check = 不执行而检查您自己的规则包：语法、列、类型
    .file = 规则包：TOML 文件，见 docs/audit.md
    .long = 错误附规则、行和列，以及可能的本意。需要一个库以取其视图；不读任何记录。

audit-diff = 比较两次审核：新增、消失、仍在
    .all = 仍在的也列出
    .new = 较晚的一次
    .old = 较早的审核：`audit run --json` 或 `audit baseline` 写出的文件

audit-export = 写出证据包：问题及其依据的记录，合为一个签名文件
    .as_of = 以此时刻而非现在为准
    .file = 要写的文件；已有文件只有加 --overwrite 才会被替换
    .long = 内含文档及其封印和名册、规则及其发现，是普通的 tar。任何人拿到都能用 `docket audit verify-export` 核验，不需要库也不需要服务器。
    .no_customers = 不含客户文档：姓名、地址和电话不外传
    .overwrite = 替换已有文件
    .packs = 规则：自带的包或您自己的；可重复
    .rule = 只用这些规则
    .rule_time = 单条规则最多可用的处理器时间，以秒计

audit-rules = 列出规则：编号、严重程度、领域条目、说明
    .packs = 规则：`default`、`haier`、`changhong`、`hengji`、`severity` 或您自己的规则包；可重复

audit-run = 执行规则并列出发现的问题
    .as_of = 以此时刻而非现在为准来判断：记录相同、时刻相同，结果逐字节相同
    .baseline = 略去此文件已有的：基线，或较早审核的 JSON
    .fail_on = 有此严重程度或更高的问题时以 1 退出：info、minor、major、critical
    .format = 以何种格式写出问题；--json 即 json
    .limit = 表中最多的问题数；0 为全部。其他格式总是全部
    .packs = 规则：`default`、`haier`、`changhong`、`hengji`、`severity` 或您自己的规则包；可重复
    .rule = 只用这些规则
    .rule_time = 单条规则最多可用的处理器时间，以秒计
    .since = 说明自该次审核以来新增、仍在或消失的：基线，或较早审核的 JSON

audit-sample = 抽取要检查和回访的上门：种子相同，各设备抽到的相同
    .as_of = 只含此时之前结束的上门；不写即现在
    .bad_below = 低于此分为不好的答复
    .format = 以何种格式写出；--json 即 json
    .from = 只含此时或之后结束的上门
    .long = 各网点抽取数相同，按工单种类分配。答复不好的上门总在样本中，不占抽取数（D-C2）。
    .per_outlet = 每个网点抽几次
    .seed = 任意文字：种子不同，抽到的不同

audit-unwaive = 撤回豁免：问题重新算数
    .id = 问题：编号开头几位，唯一即可，见 `docket audit waivers`
    .reason = 原因

audit-verify-export = 核验证据包：谁制作的，且未被改动
    .file = 文件
    .long = 不需要库和服务器。文件中的名册可追溯到公司的根密钥；请与您预期的公司比较，或指明它。
    .tenant = 必须属于的公司：编号见 `docket status`

audit-waive = 在某日之前豁免一个问题：仍列出但不算数
    .id = 问题：编号，或 `docket audit run` 所列编号的唯一开头
    .long = 豁免也是记录：谁、何时、为何、到何时。同样加封、同步、可验证。
    .packs = 在哪些规则中查找该问题；可重复
    .reason = 原因
    .until = 有效的最后一天（UTC）

audit-waivers = 列出豁免：什么、谁、为何、到何时、是否仍有效
    .as_of = 以此时刻而非现在为准

board = 按阶段显示每张工单的进展
    .closed = 也显示已关闭的
    .limit = 每阶段最多这么多；0 为全部
    .long = 六个阶段：intake（受理）、plan（计划）、service（服务）、acceptance（验收）、`follow_up`（回访）、upkeep（维护）。已闭环的不显示。
    .outlet = 只列此网点的
    .region = 只列此地区的
    .stage = 只列此阶段

bundle = 以文件交接记录，双向皆可

bundle-export = 把本库的内容写进加封的文件
    .file = 要写的文件；已有文件只有加 --overwrite 才会被替换
    .full = 对方已有的内容也写入
    .long = 文件可用 U 盘、邮件或聊天软件传送，可以任意顺序多次导入。
    .overwrite = 替换已有文件
    .to = 给这台设备或这个人：它可以看、而且还没有的内容
    .welcome = 给将用它加入的新人：名册、规则和等级；不含工单和客户

bundle-import = 收入数据包的内容
    .files = 文件

bundle-show = 查看数据包的内容而不收入
    .file = 文件

call-back = 登记上门后回访客户的答复
    .channel = 方式：call（电话）、visit（上门）、letter（信函）或 app
    .job = 工单
    .left_out = 客户说五项服务漏了哪些：A,B,C,D,E 中任意，或 none
    .long = 由中心而非服务网点回访。规则规定时，打通的回访即关闭工单；不好的答复使这次上门进入抽查样本。
    .reached = 是否有人接听
    .satisfied = 客户是否满意
    .score = 客户打分
    .solved = 故障是否消除
    .text = 文字说明
    .when = 何时；不写即现在

card = 制作进门先交的告知卡
    .job = 工单
    .long = A5 纸一页：“一次就好”、五项服务、监督电话。不需要网络。没有 --out 则写到标准输出。
    .out = 要写的文件

care = 一个月内该关怀谁：安全检测、季节、生日、头几周、即将到期的保障、检查
    .done = 标记一项已完成：客户、事件和应办之日
    .long = 应成为工单的用 --make-jobs 建单，无论执行多少次、在几台设备上，都只建一次。打过的电话用 --done 标记。
    .make_jobs = 为应成为工单的建单
    .month = 月份；不写即本月
    .open = 只列未办且未建单的
    .outlet = 只列此网点的客户：按合同，否则按最近的工单

charge = 登记收款：合计金额
    .amount = 合计多少
    .appliance = 工单中的第几台电器，从 1 起
    .currency = ISO 4217 货币代码；不写则用价目表的
    .item = 收费项目，按价目表的名称
    .job = 工单
    .qty = 数量

check = 勾选检查表的一步
    .answer = yes、no、该步的选项之一或文字；只需勾选的步骤不用写
    .appliance = 工单中的第几台电器，从 1 起
    .force = 安全关未过也记录此步；审核会追问
    .job = 工单
    .long = 须等安全关的步骤在过关之前会被拒绝；场所不安全请用 `docket refuse`。您记录的内容绝不丢失，点错了用 `docket correct` 更正。
    .reason = 原因，与 --force 同用
    .step = 步骤，名称见 `docket job show`

classify = 按地区、性质和严重程度给请求分类
    .handled_by = 由谁处理；不写则按规则对该性质的规定
    .job = 工单
    .long = 性质是规则中的一棵树。重新分类需要原因，并计为一次差错。
    .nature = 性质，按规则树中的名称
    .reason = 为何重新分类
    .region = 地区
    .severity = general（一般）、urgent（紧急）、critical（危急）或 complaint（投诉）

clocks = 显示到期事项，最近的在前：规则中正在计时的全部时限，或一张工单的全部时限
    .as_of = 以此时刻而非现在为准
    .clock = 只列这些时限，按编号或条目
    .due_within = 只列此时间内到期的和已超时的
    .job = 工单：工单码、编号或唯一的编号开头
    .limit = 最多显示这么多；0 为全部
    .long = 时限的状态为计时中、暂停、按时、超时、无法判定或不适用。不写工单时只显示等人处理的：计时中、暂停，以及没有停下的超时项。
    .outlet = 只列此网点的工单
    .state = 只列这些状态的时限

complaint = 登记投诉、处理结果和已告知客户

complaint-answer = 登记已把结果告知投诉人
    .complaint = 投诉，编号开头几位；不写则为唯一未答复的
    .job = 工单
    .text = 文字说明

complaint-handle = 登记投诉的处理结果
    .complaint = 投诉，编号开头几位；不写则为唯一未了结的
    .job = 工单
    .result = 结果

complaint-list = 列出投诉及进度，并按原因计数
    .cause = 只列此原因
    .state = 只列此状态的投诉

complaint-new = 登记对工单的投诉
    .about = quality（质量）、packaging（包装）、attitude（态度）、price（价格）、time（时间）或 other（其他）
    .cause = 原因：投诉按此计数
    .channel = 如何收到
    .job = 工单
    .step = 1+5 中漏掉的部分：A、1、B、C、D 或 E
    .text = 客户的原话
    .when = 何时投诉；不写即现在

complete = 做完工作，结束上门
    .job = 工单
    .resolution = 结果
    .text = 文字说明

completions = 输出 shell 的补全脚本
    .shell = 哪种 shell

confirm = 登记客户本人对五项服务的说法
    .a = 作业前的安全检测
    .all_yes = 五项都做了
    .b = 使用和保养指导
    .c = 作业后的产品保养
    .d = 检查其他电器
    .e = 清理现场
    .job = 工单
    .long = 请客户在您的设备上回答。与您的记录分开保存：两者不同，审核会指出。客户说缺少的每一项都登记为投诉，并写明字母。
    .name = 客户姓名

contact = 登记与客户的联系
    .channel = 方式：电话、电子邮件、信函、app……
    .job = 工单
    .not_reached = 无人接听
    .purpose = 目的：first（首次）、solution（方案）、progress（进展）、`part_arrived`（配件到货）、result（结果）或 other（其他）
    .rings = 响了几声
    .solution = 已商定解决办法
    .text = 文字说明
    .when = 何时；不写即现在
    .who = 与谁：customer（客户）、contact（现场联系人）或 owner（负责人）

correct = 更正点错的记录：旧记录保留，新记录写明原因
    .fact = 要更正的记录：编号开头几位，唯一即可，见 `docket job log`
    .job = 工单
    .long = 有 --value 则替换记录，没有则撤回。
    .reason = 原因
    .unit = 数值的单位
    .value = 本应是什么

counter = 柜台维修：送修、修好、取走，以及其间借出的设备

counter-collect = 登记柜台维修的一步
    .job = 工单
    .text = 文字说明

counter-hand-in = 登记柜台维修的一步
    .job = 工单
    .text = 文字说明

counter-lend = 借给客户一台设备
    .item = 借出什么
    .job = 工单
    .serial = 其序列号

counter-ready = 登记柜台维修的一步
    .job = 工单
    .text = 文字说明

counter-take-back = 收回借出的设备
    .item = 借出的是什么
    .job = 工单

customer = 找出重复的客户并加以关联

customer-bought = 登记客户所购：保障和关怀由此起算
    .currency = ISO 4217 货币代码
    .customer = 客户，或其一张工单
    .on = 日期
    .price = 价格
    .product = 产品，按规则中的名称
    .serial = 序列号

customer-cover = 登记约定的保障：延保、合同、签约保养
    .customer = 客户，或其一张工单
    .from = 第一天
    .inspect_months = 计划检查间隔的月数
    .level = 合同的服务级别，按规则中的名称
    .life = 电器终身
    .long = 每次购买自带的保障由规则规定，不必登记。合同可指定上门的网点或技师；换别人则需原因。
    .outlet = 上门的网点
    .product = 只限此产品
    .serial = 只限此电器
    .technician = 上门的技师
    .until = 最后一天
    .what = 什么

customer-duplicates = 列出可能重复的客户：电话相同，或姓名和地址相同
    .limit = 最多列这么多；0 为全部
    .long = 号码和姓名不论写法都能比较。不改动任何内容：`docket customer link` 说明两者为一，`docket customer unlink` 撤回。

customer-end-cover = 提前终止保障
    .coverage = 保障：其记录编号开头几位，唯一即可，见 `docket customer show`
    .customer = 客户，或其一张工单
    .reason = 原因

customer-link = 说明两个客户是同一个
    .long = 不合并也不丢失任何内容：列表和查找显示两者的工单。`docket customer unlink` 可撤回。
    .one = 其中一个：客户码，或其一张工单
    .other = 另一个
    .reason = 原因

customer-show = 显示客户：字段、所购、保障、关怀
    .customer = 客户，或其一张工单

customer-unlink = 撤回两个客户为同一个的说明
    .one = 其中一个：客户码，或其一张工单
    .other = 另一个
    .reason = 原因

delivered = 登记货物已到客户处
    .goods = 送到了什么
    .job = 工单

demo = 在临时文件夹里看一遍完整的故事
    .long = 办公室导入一万条真实服务请求，按等级派给三名技师。他们断网工作；数据包乱序甚至重复地回来。冲突得到裁定，每个库都经过验证，篡改的副本被查出，审核照常进行。结束后什么都不留下。

depart = 出发去工单现场：您在路上
    .job = 工单
    .km = 路程，公里
    .vehicle = 车辆

diagnose = 上门前登记推测的故障
    .fault = 故障，按规则目录中的名称
    .job = 工单
    .long = 之后与查明的结果比较。
    .remote = 与客户一起远程诊断的
    .text = 文字说明

dispatch = 查明谁可以接某张工单

dispatch-explain = 显示工单要求的最低等级、原因和符合的人
    .job = 工单

dispatch-recommend = 为工单推荐技师和网点，最合适的在前，附理由
    .job = 工单
    .limit = 每类最多这么多；0 为全部
    .long = 等级刚够者在前，其次是熟悉产品、属于本地区、当天工单最少、最近、所属网点检查成绩最好。规则可另定次序。

docket = 不需要网络的工单：离线上门，以文件交接记录，对账，审核
    .color = 何时用颜色；auto 时 `NO_COLOR` 有效
    .json = 输出一个 JSON 文档而不是文字
    .lang = 消息、报告和帮助的语言 [环境变量 `DOCKET_LANG`；否则用系统的]
    .quiet = 不显示提示；警告和错误照常
    .store = 存放本设备记录的文件夹 [环境变量 `DOCKET_STORE`；否则为数据文件夹中的 docket]
    .zone = 按此时区读写时间，如 Asia/Shanghai [默认：系统时区]

doctor = 检查库是否完好，并可重建表
    .rebuild = 由记录重新生成列表和审核所用的表

enrol = 用 `docket invite` 的邀请码把这台设备归到某人名下
    .code = 邀请码
    .from = 公司在邀请之后发出的数据包
    .long = 邀请码为本设备自己的密钥签名。公司的名册和规则从中继取得，设备随即为人所知；没有网络时则从数据包取得。
    .relay = 公司的中继

escalate = 把工单上报
    .department = 指定联系人所属的部门
    .job = 工单
    .long = 不指名时，上报给谁由规则规定。
    .person = 谁
    .text = 文字说明
    .to = `head_of_department`（部门主管）、`company_leader`（公司领导）、`named_contact`（指定联系人）或 `task_force`（专项组）

fault = 登记故障：推测、检测、查明

fault-found = 登记故障来源
    .appliance = 工单中的第几台电器，从 1 起
    .cause = 来源
    .fault = 故障，按规则中的名称
    .job = 工单
    .text = 文字说明

fault-test = 登记本地检测：没有显示故障的检测，什么都不送总部
    .appliance = 工单中的第几台电器，从 1 起
    .job = 工单
    .shows_fault = 检测是否显示故障
    .text = 文字说明

feedback = 网点向公司内部反馈
    .about = 关于什么
    .outlet = 网点
    .text = 文字说明
    .to = 给哪个部门

form = 为工单填写规则中的表单
    .form = 哪张表单；不写则为规则的第一张
    .job = 工单
    .long = 每张表单都有同样的五部分：收集、分类、处理、反馈、总结。

grade = 查看和登记技师的资格

grade-add = 登记证书、考试、面试或服务年限
    .expires = 何时失效
    .from = 服务：第一天
    .issued = 颁发日期
    .issuer = 谁颁发的，或为谁服务
    .kind = 哪种证明
    .level = 证书：junior（初级）、intermediate（中级）或 advanced（高级）；考试：C、B、A 或 A+
    .person = 技师
    .to = 服务：最后一天；不写表示仍在服务

grade-show = 显示等级及其依据，以及升级还缺什么
    .as_of = 以此时刻而非现在为准
    .person = 技师；不写则为全部

hazard = 登记现场发现的隐患，或其已排除
    .extent = 波及多远
    .households = 涉及多少户
    .job = 工单
    .kind = 哪种隐患
    .long = `docket refuse` 会随拒绝一并登记。隐患未除而完工会列为问题。
    .removed = 现已排除的隐患的记录
    .removed_by = 当场由谁排除

inbox = 查看并裁定冲突

inbox-decide = 裁定一项；裁定本身也是记录
    .credit = 迟到的工作，或被吊销设备对此工单的声称，算数
    .id = 该项：编号开头几位，唯一即可
    .keep = 算数的值或记录；`none`；没有可选时不写
    .long = 两人裁定不同，又成为冲突。
    .reason = 原因
    .reject = 迟到的工作，或被吊销设备对此工单的声称，不起作用；仍留在记录中
    .to = 迟到的工作属于另一工单：此处不起作用，在那边注明

inbox-list = 列出冲突、矛盾、待认可和隔离的记录
    .all = 包括已裁定的

inbox-show = 显示一项：每个值、由谁、何时记录
    .id = 该项：编号开头几位，唯一即可

init = 建立公司：生成根密钥、本库和第一台设备
    .long = 这台设备成为公司的第一台管理设备。恢复密钥只在这里显示一次：请抄下放进保险柜。其他管理设备都丢失时，持有它的人可以指定新的管理设备。
    .name = 管理员姓名
    .person = 管理员工号
    .policy = 检查表、时限和派工的规则：`default`、`haier` 或规则文件
    .tenant_name = 公司名称

invite = 邀请某人的设备：显示一次性的邀请码
    .expires = 邀请码的有效时间
    .long = 把邀请码和本库的数据包交给此人；`docket enrol` 两者都要。邀请码在使用或过期之前，谁拿到谁就能以此人身份加入，请像交钥匙一样交给他。
    .name = 姓名
    .person = 工号
    .role = 角色：technician（技师）、dispatcher（调度员）、supervisor（主管）、auditor（审计员）、admin（管理员）或规则中的角色

job = 新建、导入、查找、派工和查看工单

job-assign = 把工单派给一组人，并约定时间
    .at = 约定时间
    .crew = 人员
    .elsewhere = 为何派的不是客户合同指定的
    .job = 工单
    .long = 低于工单最低等级的技师会被拒绝，除非用 --override 说明原因；审核会保留它。不写人员即收回工单。
    .nobody = 收回工单
    .overridden = 为何派低于最低等级的人
    .vehicle = 服务车辆
    .window = 晚多少分钟仍算准时

job-cancel = 取消工单
    .job = 工单
    .reason = 原因

job-export = 导出工单：JSON，或任何 Automerge 库都能打开的文档
    .automerge = 把 Automerge 文档写入此文件
    .job = 工单

job-hand-over = 改由另一网点或其他人负责工单
    .handler = 那里的负责人
    .job = 工单
    .long = 任何时候都由一个网点和一名处理人负责。每次移交都留下原因；移交过多会列为问题。
    .outlet = 今后负责的网点
    .overridden = 为何不可接单的网点仍接
    .reason = 原因

job-import = 从其他系统导出的 CSV 导入工单
    .file = CSV 文件
    .long = 映射文件说明各列含义、时区、来源名称和值的对应。同一文件导入两次不会改变什么。读不了的行连同行号和原因写入退回文件；其余照常导入，退出码为 4。
    .map = 导入映射
    .rejects = 退回的行写到哪里 [默认：文件名改为 .rejects.csv]

job-list = 列出工单，最近改动的在前
    .all = 也列出仍存于此、但本设备的人已不再看到的工单
    .customer = 只列此客户及与其为同一人的客户的工单：客户码，或其一张工单
    .kind = 只列这种工单
    .limit = 最多列这么多；0 为全部
    .outlet = 只列此网点的工单
    .person = 只列此技师参加的工单
    .retained = 只列这些
    .status = 只列此状态的工单：new 新建、assigned 已派工、`on_site` 现场、done 已完工、refused 已拒绝、`no_access` 未能进门、cancelled 已取消、closed 已关闭

job-log = 显示工单的每条记录，最早的在前：谁、何时、什么及编号
    .job = 工单

job-new = 受理新工单
    .address = 客户地址
    .appliances = 几台电器
    .appointment = 约定时间
    .channel = 请求从何而来：电话、柜台、电子邮件……
    .customer_name = 客户姓名
    .difficulty = 故障难度，按规则中的名称
    .group = 客户类别，按规则中的名称：vip、`whole_set`……
    .kind = installation（安装）、repair（维修）、maintenance（保养）、inspection（检查）或规则中的其他种类
    .outlet = 负责的网点
    .overridden = 为何不可接单的网点仍接
    .phone = 客户电话
    .postcode = 客户邮编
    .product = 什么产品
    .received = 请求何时到达；不写即现在
    .text = 客户怎么说

job-reassign = 把一人的工单一次改派给另一人
    .date = 只含这天有约的工单
    .dry_run = 只显示会做什么，不执行
    .from = 工单现在归谁
    .long = 要么全部改派，要么一张不动。对方等级不够的工单留下并列出，除非用 --override 说明为何仍派；有留下的则退出码为 4。再执行一次会改派余下的。
    .outlet = 只列此网点的工单
    .overridden = 为何连要求更高等级的也派
    .reason = 原因
    .status = 只含此状态的工单
    .to = 改派给谁

job-reopen = 重开已完工、已拒绝或已取消的工单
    .job = 工单
    .reason = 原因

job-search = 按编号、产品、客户、地址或文字查找工单
    .limit = 最多列这么多；0 为全部
    .long = 词序不限，不论写法都能比较；电话可带可不带 +86、零和空格；序列号按开头查找。同一客户另一份文档的内容也算。
    .words = 必须全部出现的词

job-show = 显示工单：字段、上门、检查表、时限、备注、交接情况
    .job = 工单

no-access = 没人开门，结束上门
    .job = 工单
    .text = 文字说明

note = 在工单上写备注
    .job = 工单
    .text = 备注

outlet = 新建、导入、查找、检查和评定网点

outlet-call = 登记打给网点而非工单的来电：日落前要回应
    .channel = 方式：电话、柜台、电子邮件……
    .from = 谁来电
    .outlet = 网点
    .text = 关于什么
    .when = 何时，事后补记才写

outlet-import = 从 CSV 文件导入多个网点
    .delimiter = 字段分隔符
    .encoding = 文字编码：utf-8、latin-1、windows-1252
    .file = CSV 文件
    .long = 首行为字段名：outlet（编号）、standing、name、level、zone、lat、lon、region、market、hours、`supervised_by`、contact。导入两次不会改变什么；改过的格替换原值，空格不表示什么。不合理的行连同行号、字段和原因写入退回文件；其余要么全部导入，要么都不导入，退出码为 4。
    .rejects = 退回的行写到哪里 [默认：文件名改为 .rejects.csv]

outlet-inspect = 登记对网点的检查
    .failed = 未通过
    .how = 检查方式
    .item = 检查了什么，不是全部时才写
    .long = 检查成绩影响 `docket dispatch recommend` 的推荐。
    .outlet = 网点
    .passed = 通过
    .score = 0 到 100
    .text = 所见
    .when = 何时，事后补记才写

outlet-list = 列出网点
    .level = 只列此级别的
    .limit = 最多列这么多；0 为全部
    .region = 只列此地区的
    .standing = 只列此资格的：assessed（已评估）、contracted（已签约）、authorised（已授权）、dropped（已取消）、none（无）

outlet-new = 新建网点
    .contact = 联系人
    .hours = 营业时间
    .lat = 北纬度数
    .level = 级别，按规则中的名称：`technical_center`（技术中心）、community（社区）、star（星级）、franchised（加盟）、headquarters（总部）
    .lon = 东经度数
    .long = 资格另行登记：未授权的网点不派工。
    .market = 市场级别，按规则中的名称
    .name = 名称
    .outlet = 编号
    .region = 地区
    .supervised_by = 监管它的网点
    .time_zone = 时区，如 Asia/Shanghai；其工单的时限按此计算

outlet-rate = 登记对网点的评价
    .outlet = 网点
    .publish = 无害：可以公布
    .rater = 谁评
    .score = 0 到 100
    .text = 文字说明

outlet-respond = 登记来电已回应（未必解决）
    .outlet = 网点
    .text = 说了什么
    .to = 来电；不写则为唯一未回应的

outlet-set = 更改网点的一个字段：name、level、zone、lat、lon、region、market、hours……
    .field = 字段名
    .outlet = 网点
    .value = 新值

outlet-show = 显示网点：字段、资格、检查、来电
    .outlet = 网点

outlet-standing = 登记网点与总部的关系
    .long = 先评估、再签约、再授权；任何阶段可取消。未授权的网点不派工，除非说明原因。跳过一步会列为问题。
    .outlet = 网点
    .reason = 原因
    .state = 今后的资格
    .when = 从何时起，事后补记才写

overrule = 说明为何代客户负责人作决定
    .job = 工单
    .long = 日期、数量和投诉由负责人决定。无原因的越权是严重问题。
    .reason = 原因

part = 登记配件进度：申请、订购、发运、网点收到、装上、退回
    .appliance = 工单中的第几台电器，从 1 起
    .foreseeable = 本可带上的：与无法预见的配件分开统计
    .job = 工单
    .number = 配件号
    .qty = 数量
    .state = 进度
    .text = 文字说明
    .tier = 网点的市场级别，与网点自身不同时才写

pause = 暂停工单，并说明在等什么
    .job = 工单
    .long = 规则允许暂停的时限其间停走。
    .waits = 等什么

person = 登记人员的培训、奖励、处罚和评价

person-penalise = 登记处罚
    .about = 一个词
    .person = 谁
    .publish = 无害：可以公布
    .reason = 因何

person-rate = 登记对人员的评价
    .person = 评价谁
    .publish = 无害：可以公布
    .rater = 谁评
    .score = 0 到 100
    .text = 文字说明

person-reward = 登记奖励
    .about = 一个词：initiative（主动）、team（团队）、`new_problem`（新问题）……
    .person = 谁
    .reason = 因何

person-set = 说明技师所属、出发地和技能
    .field = outlet（网点）、name（姓名）、skills（技能）、lat、lon、post（岗位）
    .person = 谁
    .value = 新值

person-train = 登记参加过的课程
    .course = 课程，按规则中的名称
    .long = 岗位要求哪些课程由规则规定；未学先上岗会列为问题。
    .on = 通过之日
    .person = 谁
    .until = 有效的最后一天

photo = 给工单存照片；能发送之前留在本设备
    .appliance = 工单中的第几台电器，从 1 起
    .file = 图片
    .job = 工单
    .step = 照片对应的步骤

plan = 工程方案：提交、技术经理批准

plan-approve = 批准方案：开工之前，且不能批自己的
    .job = 工单
    .text = 文字说明

plan-submit = 提交方案
    .job = 工单
    .text = 文字说明

policy = 查看和更改公司的检查表、时限、等级和派工规则

policy-adopt = 采用一个规则包
    .long = 新工单固定用它；未完的工单保留原有的。规则包随下一个数据包发出。
    .pack = 规则文件，或自带的规则包：`default`、`haier`

policy-show = 显示新工单所用的规则：检查表、安全关和角色

problem = 维护已知问题：一处学到，各网点皆知，离线也可用

problem-link = 说明工单属于某个已知问题
    .job = 工单
    .problem = 问题

problem-list = 列出已知问题，涉及工单最多的在前
    .product = 只列此产品的
    .state = 只列此状态的

problem-new = 登记可能涉及多张工单的问题
    .contact = 问谁
    .model = 型号
    .product = 产品
    .text = 已知情况
    .title = 一句话说明

problem-note = 补充对问题的了解
    .problem = 问题
    .text = 了解到什么

problem-show = 显示已知问题及相关了解
    .problem = 问题

problem-state = 说明问题进展
    .problem = 问题
    .state = open（未解决）、solved（已解决）或公司自定的词

read = 记录检查表的测量值
    .appliance = 工单中的第几台电器，从 1 起
    .job = 工单
    .long = 超限的值也记录并警告：您测到的就是它。
    .step = 步骤，名称见 `docket job show`
    .unit = 单位
    .value = 数值，用小数点

refuse = 拒绝作业：场所不安全绝不是您的过错
    .extent = 隐患波及多远
    .hazard = 发现哪种隐患
    .households = 涉及多少户
    .job = 工单
    .long = 您发现的隐患，无论排除与否，都随拒绝一并记录。
    .reason = 原因，一个词
    .removed_by = 谁排除了隐患
    .text = 文字说明

relay = 运行中继，供设备会合

relay-backup = 在服务中备份日志
    .dir = 日志文件夹 [默认：数据文件夹中的 docket-relay]
    .file = 备份放在哪里
    .long = 备份要么完整出现，要么不出现。要恢复，先停中继再用它替换日志：设备会察觉并补回之后的内容。
    .tenant = 有几个日志时，哪家公司的

relay-serve = 以 HTTP 提供一家或多家公司的日志
    .dir = 日志文件夹 [默认：数据文件夹中的 docket-relay]
    .listen = 监听地址；端口为 0 则由系统选择
    .log_format = 以何种格式把运行情况写到标准错误
    .long = 只需告诉中继一件事：为哪些公司服务（`docket status` 显示编号）。谁可以做什么，它从第一台设备带来的名册得知。它只讲明文 HTTP，默认仅限本机：请在前面放带 TLS 的反向代理。Ctrl-C 或 SIGTERM 会让它做完手头的事再停。告诉设备已送达的内容，都已写到磁盘。日志中有中继的密钥；只有属主可读。
    .tenant = 公司编号；可给多个

relay-status = 显示文件夹里有哪些公司的日志及进度
    .dir = 日志文件夹 [默认：数据文件夹中的 docket-relay]

report = 报表：评分卡、型号、月份、投诉、客户价值、上门报告

report-all = 全部报表合为一页
    .format = 以何种格式写出；--json 即 json
    .from = 第一天；不写即本年第一天
    .limit = 每张表最多几行；0 为全部
    .out = 要写的文件；不写即标准输出
    .until = 最后一天；不写即今天

report-complaints = 按原因统计投诉
    .format = 以何种格式写出；--json 即 json
    .from = 第一天；不写即本年第一天
    .limit = 每张表最多几行；0 为全部
    .out = 要写的文件；不写即标准输出
    .until = 最后一天；不写即今天

report-managers = 管理人员评分卡，高分在前：所负责网点的结果逐级汇总
    .format = 以何种格式写出；--json 即 json
    .from = 第一天；不写即本年第一天
    .limit = 每张表最多几行；0 为全部
    .out = 要写的文件；不写即标准输出
    .until = 最后一天；不写即今天
    .long = 网点的管理人员是岗位或角色为 `outlet_manager` 的人；其上是 `supervised_by` 所指的人或另一网点的管理人员，并依此向上。客户在调查和回访中的意见计入他们每个人的结果。

report-models = 按型号统计故障：反馈给设计与生产
    .format = 以何种格式写出；--json 即 json
    .from = 第一天；不写即本年第一天
    .limit = 每张表最多几行；0 为全部
    .out = 要写的文件；不写即标准输出
    .until = 最后一天；不写即今天

report-months = 逐月统计：请求、维修、一次修复、重复维修、退换
    .format = 以何种格式写出；--json 即 json
    .from = 第一天；不写即本年第一天
    .limit = 每张表最多几行；0 为全部
    .out = 要写的文件；不写即标准输出
    .until = 最后一天；不写即今天

report-outlets = 网点评分卡，高分在前：及时联系、一次修复、无故障、满意度、检查
    .format = 以何种格式写出；--json 即 json
    .from = 第一天；不写即本年第一天
    .limit = 每张表最多几行；0 为全部
    .out = 要写的文件；不写即标准输出
    .publishable = 只列出标明无害、可以公布的评价和处罚
    .until = 最后一天；不写即今天

report-technicians = 技师评分卡，高分在前：准时、一次修复、满意度、趋势、同级排位
    .format = 以何种格式写出；--json 即 json
    .from = 第一天；不写即本年第一天
    .limit = 每张表最多几行；0 为全部
    .out = 要写的文件；不写即标准输出
    .publishable = 只列出标明无害、可以公布的评价和处罚
    .until = 最后一天；不写即今天
    .long = 评分为已知各项的平均：准时、限时内完成、一次修复、已签字、满意度、第三方调查、无不良答复、评价。同级指同等级技师；趋势与之前等长的时段相比。

report-value = 客户价值、失去客户的损失，以及投诉所反映的市场损失
    .acquiring = 赢得该客户的费用
    .adds = 满意客户现在及每年增加的消费
    .complain = 一百位不满的客户中投诉的人数
    .complaints = 一年的投诉
    .first_purchase = 首次消费
    .goodwill = 失去客户时对声誉的损害
    .long = 各项假设取自原书的例子，均可另行给出。金额以您的货币的整数单位计，只在最后四舍五入一次。
    .lost = 每年流失的客户
    .rate = 年利率
    .settled = 其中使客户满意而解决的
    .yearly = 客户每年的消费
    .years = 客户停留的年数

report-visit = 上门报告：检查表、客户签字，以及签字后的改动
    .html = 把可打印的页面写入此文件
    .job = 工单
    .long = 签字涵盖当时结果的摘要；若之后有结果被修改，报告会指出签字失效并列出差异。无需网络。

resume = 暂停后继续工单
    .job = 工单

roster = 查看和更改谁可以工作：设备、人员、角色

roster-certify = 按公钥认证设备
    .device = 设备的公钥（`docket status` 可见），或名册中的设备
    .long = 用于持有人就在身边的设备，或给已加入的设备换角色。通常用 `docket invite`。所有管理设备都丢失时，用保险柜里的恢复密钥可在任何设备上指定新的。
    .name = 姓名
    .person = 设备属于谁
    .recovery_key = 用 `docket init` 显示的恢复密钥签名，而不是本设备的密钥
    .role = 角色

roster-revoke = 吊销丢失、被盗或停用的设备
    .device = 设备：编号开头几位，唯一即可
    .long = 之前的记录保留。之后发来的作为待认可项进收件箱。
    .reason = 原因

roster-share = 允许另一个人使用某台设备
    .device = 设备：编号开头几位，唯一即可
    .long = 他在那台设备上用 `docket as` 和自己的 PIN 说明身份。他的记录算他的；由设备的密钥加封。
    .name = 姓名
    .person = 还有谁可以用
    .role = 角色

roster-show = 列出设备及其人员、角色和状态

roster-unshare = 不再允许某人使用某台设备
    .device = 设备：编号开头几位，唯一即可
    .long = 之前的记录仍算他的。之后设备再以他的名义写的不起作用。
    .person = 谁
    .reason = 原因

scope = 查看技师能看到什么，首次同步要花多少

scope-preview = 估算技师首次同步的文档数、字节数和时间
    .bandwidth = 线路速度，千比特（1000 比特）每秒
    .long = 字节数按装同样文档的数据包计，只是每个封印对所有文档用一份证明：中继的页面编码相同，因此误差在百分之几以内。照片和尚未加的封印不算在内。
    .technician = 技师

scope-show = 列出技师现在和以前能看到的工单
    .long = 范围随派工而变：由 `docket job assign` 写入。不再看到的内容仍留在其设备上。
    .technician = 技师 [默认：本设备的人]

send-on = 把机器转送总部或另一网点
    .force = 为何没有此检测也送；审核会追问
    .job = 工单
    .long = 规则要求时，没有显示故障的本地检测就不能送：见 `docket fault test`。
    .to = 送往哪里

set = 更改工单的一个字段：约定时间、电话、地址、难度……
    .field = 字段名，见 `docket job show`
    .job = 工单
    .long = 改动会说明替换了哪些值：即您看到的那些。若其间别人也改了，两个值都保留，收件箱显示冲突。
    .over = 替换这些记录，而不是现有的值
    .value = 新值

sign = 请人签字：签名覆盖现有的全部回答
    .image = 签名的图片
    .job = 工单
    .name = 签字人姓名
    .role = 谁签字

status = 显示本设备：公司、人员、存有什么、还有什么未交接

survey = 登记工单的调查结果
    .channel = 方式：访谈、问卷、电话……
    .job = 工单
    .long = 第三方调查计入员工及其上级的成绩。
    .score = 分数
    .text = 文字说明
    .third_party = 由公司以外的人调查

sync = 让本设备与中继同步
    .check = 现在就比对两边的记录
    .long = 一次请求交出待交的、收进新到的。随时可以中断再来：从断处继续，什么都不丢。每天还会整体比对一次。
    .push_only = 只交出，不收进
    .relay = 中继的地址；第一次之后会记住
    .watch = 一直运行到 Ctrl-C：任一边写的一秒内送达另一边

template = 查看检查表，检查检查表包，把未完工单迁到另一份

template-check = 检查规则文件的检查表：每个错误附行和列
    .file = 规则文件
    .long = 循环、永远不会问到的步骤、重复的编号、无单位或限值不可能满足的测量、以不存在的步骤或选项为条件。

template-list = 列出公司规则的检查表

template-migrate = 把未完工单迁到另一规则及其检查表
    .dry_run = 只说明会怎样
    .jobs = 工单；不写则为全部未完的
    .long = 用 --dry-run 演练：逐张说明哪些回答保留、移动或改判，哪些步骤变为必需。不带它则一次迁完全部，要么都不迁；原因随单保留。已记录的内容不变。
    .reason = 原因；演练时可不写
    .to = 规则：文件，或已采用或自带的名称

template-show = 显示一份检查表：步骤、回答方式、何时询问及次序
    .template = 检查表编号，可带版本，或工单种类

today = 显示本设备使用者未完的工单，按约定时间，附各自的下一步
    .long = 其间改派他人的工单仍存于本设备，不在此显示：见 `docket job list --retained`。
    .person = 看别人的一天

told-seller = 登记已告知销售方因不安全而拒装
    .job = 工单
    .long = 拒绝不安全的场所不是任何人的过错；不告知销售方会列为问题。
    .text = 告知了谁、什么

verify = 不靠服务器证明谁记录了什么，且未被改动
    .job = 只验这些工单

works = 工程查验：隐蔽工程见证、现场整体验收

works-accept = 现场验收，或说明不合格；不能验自己的
    .failed = 不合格
    .job = 工单
    .text = 文字说明

works-witness = 隐蔽工程覆盖前见证；不能见证自己的
    .job = 工单
    .text = 文字说明
