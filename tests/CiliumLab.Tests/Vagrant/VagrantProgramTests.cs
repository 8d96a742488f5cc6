using CiliumLab.Engine.Providers.Vagrant;

namespace CiliumLab.Tests.Vagrant;

/// <summary>How Vagrant is run.</summary>
public sealed class VagrantProgramTests
{
    [Theory]
    [InlineData(null, null, null, "C.UTF-8")]
    [InlineData(null, "", "C", "C.UTF-8")]
    [InlineData("POSIX", null, "en_US.UTF-8", "C.UTF-8")]
    [InlineData(null, null, "en_US.UTF-8", null)]
    [InlineData("de_AT.utf8", null, "C", "de_AT.utf8")]
    public void Names_are_utf_8_for_Vagrant_whatever_the_shell_s_locale(string? all, string? characters, string? language, string? expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems have no C.UTF-8");
        var variables = new Dictionary<string, string?> { ["LC_ALL"] = all, ["LC_CTYPE"] = characters, ["LANG"] = language };

        Assert.Equal(expected, VagrantProgram.Locale(variables.GetValueOrDefault));
    }
}
