using System.Diagnostics;
using System.Text;
using CiliumLab.Engine.Nodes;

namespace CiliumLab.Tests.Nodes;

public sealed class ShellQuotingTests
{
    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("--node-ip=10.0.0.1", "--node-ip=10.0.0.1")]
    [InlineData("", "''")]
    [InlineData("a b", "'a b'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("$(reboot)", "'$(reboot)'")]
    [InlineData("~", "'~'")]
    [InlineData("*", "'*'")]
    [InlineData("ä", "'ä'")]
    public void Quotes_only_what_needs_it(string word, string quoted) => Assert.Equal(quoted, ShellQuoting.Quote(word));

    [Fact]
    public void A_real_shell_hands_hostile_words_on_byte_for_byte()
    {
        Assert.SkipUnless(File.Exists("/bin/sh"), "there is no /bin/sh");
        var words = HostileWords.All;
        var script = "printf '%s\\0' " + ShellQuoting.Join(words);

        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-s"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardInputEncoding = new UTF8Encoding(false),
        })!;
        shell.StandardInput.Write(script);
        shell.StandardInput.Close();
        var heard = shell.StandardOutput.ReadToEnd().Split('\0')[..^1];

        Assert.Equal(words, heard);
    }
}
