### 命令行的消息，按键排列；键和参数与 en/messages.ftl 相同。

## docket as
as-choose-pin = 为 { $person } 设定新的 PIN：
as-repeat-pin = 再输入一次：
as-type-pin = { $person } 的 PIN：
as-until = 本设备由 { $person } 使用，至 { $until }
as-own = 本设备由其本人 { $person } 使用
as-locked = 已锁定：{ TR($why) }
as-nobody = 名册没有说明这台设备属于谁
as-pin-set = 已设
as-pin-unset = 尚未设定
as-no-attempts = 没有尝试记录

## docket roster
roster-shares = 共用此设备
roster-shared = { $person } 可以{ $role }身份使用 { $device }；请发出一个数据包让该设备知道
roster-unshared = { $person } 不再可以使用 { $device }；请发出一个数据包让该设备知道

## docket today
today-none = { $person } 没有未完的工单
today-today = 今天
today-later = 以后
today-done = 今天已完
today-travelling = 在途，{ $since } 起
today-on-site = 现场，{ $since } 起
today-paused = 暂停，{ $since } 起：等{ WORD($why) }

## docket job reassign
reassign-done = { $count } 张工单已改派给 { $to }
reassign-would = { $count } 张工单将改派给 { $to }
reassign-left = 不动：{ $why }

## docket customer
duplicates-none = 没有可能重复的客户
duplicates-more = 共 { $total } 对，显示 { $shown } 对；--limit 0 显示全部
customer-linked-already = { $one } 和 { $other } 已经是同一客户
customer-alone = { $one } 单独一份
customer-group = { $count } 份文档，同一客户
