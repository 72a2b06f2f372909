/**
 * Passwords of ten and more characters that guessing programs try first (shorter ones are refused anyway):
 * keyboard rows, counted digits, doubled words and the well-known phrases of leaked lists.
 */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
0123456789 01234567890 0987654321 09876543210 1029384756 1111111111 1122334455 11223344556 1212121212
123123123123 1231231231 1234512345 12345678900 1234567890 12345678901 123456789012 1234567890123
12345678910 1234567891 123456789a 123456789q 123456789abc 12345qwert 12345qwerty 123456qwerty
123qweasdzxc 1234qwerasdf 1357924680 147258369 1472583690 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc
1qazxsw23edc 2000000000 2468101214 9876543210 98765432100 987654321a a123456789 a1234567890
aa123456789 aaaaaaaaaa abc1234567 abc12345678 abc123456789 abc123abc123 abcd123456 abcd12345678
abcdefghij abcdefghijk abcdefghijkl administrator administrator1 admin12345 admin123456 adminadmin
adminadmin1 adminpassword alexander1 asdfasdfasdf asdfghjkl1 asdfghjkl; asdfghjkl123 asdf123456
asdfjklasdfjkl azertyuiop azerty12345 azerty123456 babygirl123 barcelona1 basketball basketball1
blink182blink butterfly1 changeme123 changeme1234 changemenow charlie123 chocolate1 christopher computer123
correcthorse correcthorsebattery correcthorsebatterystaple
dragon12345 dragon123456 elizabeth1 everything footballfootball football12 football123 football1234
fuckyou123 fuckyoufuckyou gfhjkmgfhjkm ghbdtnghbdtn guest12345 hellohello hellohello1 hello12345 hello123456
helloworld helloworld1 helpmehelpme iloveyou12 iloveyou123 iloveyou1234 iloveyou22 iloveyouso
iloveyousomuch internet12 internet123 jennifer12 jesuschrist jesuslovesme jordan2323 justinbieber
letmein123 letmein1234 letmeinletmein letmeinnow liverpool1 liverpool123 liverpoolfc login12345 lovelovelove
loveyou123 manchester manchester1 manutd1234 master12345 michael123 michaeljackson michelle12
minecraft1 minecraft123 monkey12345 monkey123456 motherfucker mustang123 mypassword mypassword1
mypassword123 myspace123 newpassword newpassword1 nicholas12 nothing123 p@ssw0rd123 p@ssw0rd1234
p@ssword123 pa$$word123 pa55word123 passw0rd12 passw0rd123 passw0rd1234 passpass123 passpasspass
password00 password01 password1! password10 password11 password111 password12 password12! password123
password123! password1234 password12345 password123456 password1234567 password2020 password2021
password2022 password2023 password2024 password2025 password2026 password22 password99 passwordpassword
passwort12 passwort123 passwort1234 pokemon123 pokemon1234 princess12 princess123 princess1234 q1w2e3r4t5
q1w2e3r4t5y6 qazwsxedcrfv qazwsx12345 qazwsx123456 qazxswedcvfr qqqqqqqqqq qwaszxqwaszx qwe123qwe123
qweasdzxc1 qweasdzxc123 qweqweqweqwe qwer123456 qwer12345678 qwerasdfzxcv qwerty1234 qwerty12345
qwerty123456 qwerty1234567 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop12 qwertyuiop123
qwertyuiop[] qwertyuiop123456 qwertz12345 qwertzuiop rockyou123 samsung123 samsung1234 scooby1234
secret1234 secret12345 shadow12345 shadow123456 spiderman1 spiderman123 starwars12 starwars123 starwars1234
summer2023 summer2024 summer2025 summer2026 sunshine12 sunshine123 sunshine1234 superman12 superman123
superman1234 sweetheart sweetheart1 test123456 test1234567 test12345678 testing123 testing1234 testtest12
testtest123 testtesttest thisismypassword tinkerbell tinkerbell1 trustno1trustno1 trustno123
unbelievable volleyball volleyball1 welcome123 welcome1234 welcome12345 welcome2024 welcome2025 welcome2026
welcomewelcome whatever12 whatever123 whatever1234 winter2023 winter2024 winter2025 winter2026 yourmother1
zaq12wsxcde3 zaq1zaq1zaq1 zxcvbnm123 zxcvbnm1234 zxcvbnm12345 zxcvbnmzxcvbnm zzzzzzzzzz
`
    .trim()
    .split(/\s+/)
    .filter((word) => word.length >= 10)
    .concat('correct horse battery staple'),
)
