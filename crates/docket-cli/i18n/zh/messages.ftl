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
