using CiliumLab.Engine.Text;

namespace CiliumLab.Tests.Text;

public sealed class SpellingTests
{
    [Theory]
    [InlineData("hots", "host")]
    [InlineData("KEYS", "key")]
    [InlineData("prot", "port")]
    [InlineData("completely-else", null)]
    public void Finds_what_was_meant(string typed, string? meant) =>
        Assert.Equal(meant, Spelling.Nearest(typed, ["node", "host", "port", "user", "key", "role"]));
}
