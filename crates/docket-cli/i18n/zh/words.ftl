### Names of states, kinds and roles, as the program's records spell them.

## Where a job stands
new = 新建
assigned = 已派工
on_site = 现场
done = 已完工
refused = 已拒绝
no_access = 未能进门
cancelled = 已取消
closed = 已关闭
open = 未了结
decided = 已裁定
running = 计时中
met = 按时
breached = 超时
undecidable = 无法判定
paused = 暂停
not_applicable = 不适用

## Kinds of jobs
installation = 安装
repair = 维修
delivery = 送货
design = 设计
acceptance = 验收
maintenance = 保养
inspection = 检查
software_upgrade = 软件升级
exchange = 换货
part_supply = 供件
consultation = 咨询
training = 培训
complaint = 投诉

## Roles
technician = 技师
dispatcher = 调度员
supervisor = 主管
auditor = 审计员
admin = 管理员
salesperson = 销售员
representative = 客服代表
outlet_manager = 网点经理
technical_manager = 技术经理
works_supervisor = 工程监理
acceptor = 验收人
product_support_manager = 产品支持经理
handling_specialist = 处理专员
director = 总监
inspector = 巡检员
call_back_agent = 回访员

## Standing of devices and records
active = 有效
revoked = 已吊销
contested = 有争议
rotated = 已换钥
ok = 正常
unsealed = 未加封
claim = 待认可
unknown_device = 未知设备
applied = 有效
unauthorised = 无权
superseded = 已被替代
corrected = 已更正
bad_payload = 内容有误
unknown_kind = 未知种类
missing = 缺
failed = 不合格
out_of_limits = 超限

## Severity
low = 低
medium = 中
high = 高
minor = 轻微
major = 严重
critical = 危急

## Whom a pause waits for
customer = 客户
part = 配件
break = 休息
travel = 路途
other = 其他

## People on a device
opened = 已进入
wrong = PIN 错误
too_soon = 尝试过早
set = 已设定
ended = 已结束

## Verbs in errors
read = 读取
write = 写入

## What is next
waiting = 待出发
arrive = 到达
complete = 完工
resume = 继续

## What clashes
conflict = 冲突
contradiction = 矛盾
answers_differ = 回答不一
outcomes_differ = 结果不一
corrections_differ = 更正不一
two_visits = 两次上门
late_work = 迟到的工作
self_evidence = 自我证明
gate = 安全关
malformed = 格式有误
quarantine = 隔离
parked = 等待
no_effect = 不起作用
decided_against = 被裁定不用
info = 提示
handle = 处理
answer = 答复

## In reports
not_asked = 不需做
stale = 签字后有改动
invalid = 无效
wrong_unit = 单位不对
assessed = 已考核
contracted = 已签约
authorised = 已授权
dropped = 已取消资格
attitude = 服务态度
arbitrary_charges = 乱收费
not_as_told = 未按要求执行
installed = 已安装
repaired = 已修好
exchanged = 已换货
refunded = 已退款
ungraded = 未定级
technical_center = 技术服务中心
community = 社区服务中心
star = 星级服务中心
franchised = 特约服务商
headquarters = 总部
quality = 质量
packaging = 包装
price = 价格
time = 时间
