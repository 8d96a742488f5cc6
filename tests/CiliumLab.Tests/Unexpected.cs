using CiliumLab.Engine.Text;

namespace CiliumLab.Tests;

internal static class Unexpected
{
    /// <summary>For parsers that must understand every line of a recorded output.</summary>
    public static void Warning(TextWarning warning) => Assert.Fail($"unexpected warning: {warning}");
}
