using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace CiliumLab.Tests.Simulator.Nodes;

/// <summary>Programs for files on a simulated node against those of this machine.</summary>
public sealed partial class RealFileProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clsim").FullName;

    [Fact]
    public void Say_what_the_real_ones_say()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/stat") && Environment.UserName == "root", "needs the coreutils of a Linux, as root");
        var node = NodeRun.Bare();
        node.Files.MakeFolders("/here");
        var differences = new StringBuilder();
        foreach (var line in Fixture.Read("coreutils/files.txt").Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var parts = line.Split(" <<< ");
            var input = parts.Length > 1 ? parts[1].Replace("\\n", "\n", StringComparison.Ordinal) : "";
            var words = NodeRun.Words(parts[0]);
            var real = Mask(line, Really(words, input).ToString().Replace(_folder, "/here", StringComparison.Ordinal));
            var simulated = Mask(line, node.Run([.. words], input, folder: "/here").ToString());
            if (real != simulated)
                differences.Append($"$ {line}\n-- real:\n{real}\n-- simulated:\n{simulated}\n");
        }

        Assert.True(differences.Length == 0, differences.ToString());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Mask(string line, string text)
    {
        if (line.StartsWith("find", StringComparison.Ordinal))
            text = string.Join('\n', text.Split('\n').Order(StringComparer.Ordinal));
        text = Date().Replace(text, "DATE");
        text = Parent().Replace(text, "drwx ..");
        return text;
    }

    private Said Really(string[] words, string input)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            WorkingDirectory = _folder,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Said(output, error.Result, process.ExitCode);
    }

    [GeneratedRegex("[A-Z][a-z]{2} [ 0-9]\\d (\\d\\d:\\d\\d| \\d{4})")]
    private static partial Regex Date();

    [GeneratedRegex("d.* \\.\\.?(?=\\n)")]
    private static partial Regex Parent();
}
